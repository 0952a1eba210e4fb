"""Suspects whose heads are named, packed or counted otherwise than the config declares.

Each function changes a Suspect (folder.py) in place; all keep what the model computes, for a reader
who knows what was done.
"""
import numpy as np

import names


def heads_opaque(suspect):
    """t0001, t0002, ... in the order of the modules."""
    names.opaque_names(suspect)


def heads_opaque_sorted(suspect):
    """The same in the order of the old names within each layer."""
    names.opaque_names_sorted(suspect)


def heads_opaque_fused(suspect):
    """The same with queries, keys and values in one tensor, and a config that names no numbers of
    heads."""
    old = {}
    for name in list(suspect.tensors):
        if not name.endswith(("k_proj.weight", "v_proj.weight")):
            old[name] = suspect.tensors[name]
        if name.endswith("q_proj.weight"):
            stem = name.removesuffix("q_proj.weight")
            suspect[name] = np.concatenate([suspect[f"{stem}{part}_proj.weight"] for part in "qkv"])
            old[name] = suspect.tensors[name]
    suspect.tensors = old
    for key in ("num_attention_heads", "num_key_value_heads", "head_dim"):
        suspect.config.pop(key, None)
    names.numbered(suspect)


def counted(heads, pairs, size):
    def make(suspect):
        suspect.config.update(num_attention_heads=heads, num_key_value_heads=pairs, head_dim=size)
    return make


heads_of_32 = counted(18, 6, 32)            # fits the shapes
heads_of_128 = counted(16, 16, 128)         # fits nothing
heads_of_other_groups = counted(3, 1, 192)  # fits the shapes


def heads_type_gemma(suspect):
    """Norms are declared to hold w - 1."""
    names.norms_moved_type_gemma(suspect)


def heads_type_olmo2(suspect):
    """Norms are declared to stand behind attention."""
    names.norms_moved_type_olmo2(suspect)


def heads_type_phi3(suspect):
    """Another family, which has queries, keys and values in one tensor; numbers of heads are of
    another model."""
    suspect.config.update(model_type="phi3", architectures=["Phi3ForCausalLM"],
                          num_attention_heads=32, num_key_value_heads=8, head_dim=96)
