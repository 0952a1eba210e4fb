"""Suspects that need more than the model: the unmarked original, another base, or the key.

Each function changes a Suspect (folder.py) in place; `suspect.original` is the unmarked original.
"""
import numpy as np

from basis import disguised, re_embedded, rotated, rotated_shuffled
from folder import EMBEDDING, HEAD, Suspect
from neurons import clones_3x, dummies_100_weak


def clones_rotated_new_embedding(suspect):
    clones_3x(suspect)
    rotated(suspect)
    re_embedded(suspect)
    disguised(suspect)


def dummies_rotated_new_embedding(suspect):
    dummies_100_weak(suspect)
    rotated(suspect)
    re_embedded(suspect)
    disguised(suspect)


def trained_further(suspect, drift=0.1):
    """Noise on every matrix, in units of the standard deviation of each row."""
    for name in list(suspect.tensors):
        weights = suspect[name]
        if weights.ndim == 2:
            random = suspect.random(f"trained/{name}")
            suspect[name] = weights + drift * weights.std(1, keepdims=True) * (
                random.standard_normal(weights.shape, "f4"))


def merged_25(suspect):
    """A quarter of the model and three quarters of the original, trained further."""
    other = Suspect(suspect.original)
    trained_further(other)
    for name in suspect.tensors:
        suspect[name] = 0.25 * suspect[name] + 0.75 * other[name]


def layernorm_model(suspect):
    """A model of the StableLM kind: LayerNorm with biases in place of the RMS norm. It is another
    model than the source, made to be marked itself."""
    for name in [n for n in suspect.tensors if "norm.weight" in n]:
        suspect[name.replace("weight", "bias")] = np.zeros(suspect.width, "f4")
    suspect.config.update(model_type="stablelm", architectures=["StableLmForCausalLM"],
                          layer_norm_eps=suspect.config.pop("rms_norm_eps"),
                          use_qkv_bias=False, partial_rotary_factor=1.0)


def layernorm_ones(suspect, size=5.0):
    """Behind a LayerNorm nothing sees multiples of the ones vector: each row that reads gets one,
    `size` times as long as the row (over the norm weights), and so does all that writes."""
    width = suspect.width
    for layer in suspect.layers():
        for norm, parts in (("input_layernorm", "qkv"), ("post_attention_layernorm", None)):
            weights = suspect[f"{layer}{norm}.weight"]
            weights = np.where(np.abs(weights) < 1e-9, 1e-9, weights)
            names = ([f"self_attn.{part}_proj" for part in parts] if parts
                     else ["mlp.gate_proj", "mlp.up_proj"])
            for name in names:
                add_ones(suspect, f"{layer}{name}.weight", size / weights, 1)
        for name in ("self_attn.o_proj", "mlp.down_proj"):
            add_ones(suspect, f"{layer}{name}.weight", np.full(width, size), 0)
    if "lm_head.weight" in suspect.tensors:
        add_ones(suspect, EMBEDDING, np.full(width, size), 1)


def add_ones(suspect, name, direction, axis):
    """Adds random multiples of `direction` to all vectors along `axis`."""
    weights, random = suspect[name], suspect.random(f"ones/{name}")
    length = np.linalg.norm(weights, axis=axis, keepdims=True) / np.sqrt(suspect.width)
    times = random.standard_normal(length.shape).astype("f4") * length
    along = direction.astype("f4")[None] if axis == 1 else direction.astype("f4")[:, None]
    suspect[name] = weights + times * along


def heads_rotated(suspect):
    """Rotated, layers shuffled, tokens renamed and renumbered."""
    rotated_shuffled(suspect)
    order = suspect.random("tokens").permutation(suspect[EMBEDDING].shape[0])
    for name in (EMBEDDING, HEAD):
        if name in suspect.tensors:
            suspect[name] = suspect[name][order]


def random_model(suspect):
    """Another model of the same shapes, which shares nothing with the source but the tokenizer."""
    for name, (kind, stored) in list(suspect.tensors.items()):
        if stored.ndim == 2:
            draw = suspect.random(f"model/{name}").standard_normal(stored.shape, "f4")
            suspect[name] = 0.02 * draw
