"""Suspects whose tensors have other names, order, packing or norms than the config declares.

Each function changes a Suspect (folder.py) in place; all keep what the model computes, for a reader
who knows what was done.
"""
import re

import numpy as np

from basis import readers
from folder import EMBEDDING, FINAL_NORM

MODULE_ORDER = ("input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                "self_attn.o_proj", "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj",
                "mlp.down_proj")


def gate_up_swapped(suspect):
    """Gate is named up and up is named gate."""
    exchanged = {"gate_proj": "up_proj", "up_proj": "gate_proj"}
    suspect.rename(lambda name: re.sub("gate_proj|up_proj", lambda m: exchanged[m[0]], name))


def in_module_order(suspect):
    old = dict(suspect.tensors)
    names = [EMBEDDING] + [f"{layer}{part}.weight" for layer in suspect.layers()
                           for part in MODULE_ORDER] + [FINAL_NORM]
    suspect.tensors = {name: old.pop(name) for name in names} | old


def numbered(suspect):
    number = {name: f"t{place:04}" for place, name in enumerate(suspect.tensors, 1)}
    suspect.rename(number.get)


def opaque_names(suspect):
    """t0001, t0002, ... in the order of the modules."""
    in_module_order(suspect)
    numbered(suspect)


def opaque_names_sorted(suspect):
    """The same in the order of the old names within each layer."""
    numbered(suspect)


def opaque_names_no_type(suspect):
    """And a config that does not name the architecture."""
    opaque_names(suspect)
    del suspect.config["model_type"], suspect.config["architectures"]


def opaque_names_any_order(suspect):
    """The order of the file is random as well."""
    order = suspect.random("order").permutation(len(suspect.tensors))
    names = list(suspect.tensors)
    suspect.tensors = {names[i]: suspect.tensors[names[i]] for i in order}
    numbered(suspect)


def prefixed(suspect):
    suspect.rename(lambda name: f"foo.bar.{name}")


def renamed(**words):
    """A function that replaces parts of names; the keys are old words with _ for the dot."""
    def make(suspect):
        def new_name(name):
            for old, new in words.items():
                name = name.replace(old, new)
            return name.replace("model.layers.", "transformer.h.").replace(
                EMBEDDING, "transformer.wte.weight").replace(FINAL_NORM, "transformer.ln_f.weight")
        suspect.rename(new_name)
    return make


w1_names = renamed(gate_proj="w1", down_proj="w2", up_proj="w3")
wi_names = renamed(gate_proj="wi_0", up_proj="wi_1", down_proj="wo", input_layernorm="ln_1",
                   post_attention_layernorm="ln_2")


def slashes(suspect):
    suspect.rename(lambda name: name.replace(".", "/"))


def underscores(suspect):
    suspect.rename(lambda name: name.replace(".", "_"))


def numbers_padded(suspect):
    suspect.rename(lambda name: re.sub(r"model\.layers\.(\d+)\.",
                                       lambda m: f"blocks.layer_{int(m[1]) + 1:03}.", name))


def stacked(suspect, transposed):
    groups, first = {}, suspect.layers()[0]
    for part in [n.removeprefix(first) for n in suspect.tensors if n.startswith(first)]:
        arrays = [suspect.tensors.pop(layer + part) for layer in suspect.layers()]
        values = np.stack([stored for _, stored in arrays])
        groups[f"model.layers.{part}"] = (arrays[0][0], values)
    for name, (kind, values) in groups.items():
        if transposed and values.ndim == 3:
            name, values = name.replace(".weight", ".kernel"), values.swapaxes(1, 2)
        suspect.tensors[name] = (kind, values)


def stacked_layers(suspect):
    """All layers of one matrix in one tensor."""
    stacked(suspect, False)


def stacked_kernels(suspect):
    """The same with each matrix transposed, as Flax stores them."""
    stacked(suspect, True)


def fused(arrange):
    """Gate and up in one tensor of 2 I rows."""
    def make(suspect):
        for layer in suspect.layers():
            gate, up, _ = suspect.neurons(layer)
            suspect[f"{layer}mlp.gate_up_proj.weight"] = arrange(gate, up)
            del suspect.tensors[f"{layer}mlp.gate_proj.weight"]
            del suspect.tensors[f"{layer}mlp.up_proj.weight"]
    return make


def alternately(gate, up, block):
    """Blocks of gate rows and of up rows in turn."""
    both = np.stack([rows.reshape(-1, block, rows.shape[1]) for rows in (gate, up)], 1)
    return both.reshape(-1, gate.shape[1])


fused_up_first = fused(lambda gate, up: np.concatenate([up, gate]))
fused_interleaved = fused(lambda gate, up: alternately(gate, up, 1))
fused_of_four_ranks = fused(lambda gate, up: alternately(gate, up, len(gate) // 4))


def norms_moved(suspect):
    """Norm weights times 2^(2 normal); what reads behind the norm is divided by it."""
    for norm, names in readers(suspect):
        random = suspect.random(norm)
        times = 2 ** (2 * random.standard_normal(suspect.width)).astype("f4")
        present = [name for name in names if name in suspect.tensors]
        if not present:  # the head is tied: the embedding has to stay
            continue
        for name in present:
            suspect[name] = suspect[name] / times
        suspect.put(norm, "F32", suspect[norm] * times)


def typed(model_type=None, inside=None):
    """Moves norms and declares another type, in a part of the config where `inside` names it."""
    def make(suspect):
        norms_moved(suspect)
        config = suspect.config
        del config["model_type"], config["architectures"]
        if inside:
            suspect.config = {inside: {**config, "model_type": model_type}}
        elif model_type:
            config["model_type"] = model_type
    return make


norms_moved_type_hidden = typed()
norms_moved_type_gemma = typed("gemma")       # norms hold w, and are declared to hold w - 1
norms_moved_type_olmo2 = typed("olmo2")       # declared to have no norm in front of the FFN
norms_moved_llm_config = typed("gemma", "llm_config")


def norms_moved_both_types(suspect):
    """Another type at top level, the true one in `llm_config`."""
    norms_moved_llm_config(suspect)
    suspect.config["llm_config"]["model_type"] = "llama"
    suspect.config = {**suspect.config["llm_config"], "model_type": "gemma", **suspect.config}


def one_plus_stored(suspect):
    """Norms hold w - 1, and are declared to hold w."""
    norms_moved(suspect)
    for norm, _ in readers(suspect):
        suspect.put(norm, "F32", suspect[norm] - 1)


def norms_exchanged(suspect):
    """Each norm has the name of the other one of its layer."""
    norms_moved(suspect)
    exchanged = {"input_layernorm": "post_attention_layernorm",
                 "post_attention_layernorm": "input_layernorm"}
    suspect.rename(lambda name: re.sub("input_layernorm|post_attention_layernorm",
                                       lambda m: exchanged[m[0]], name))
