"""Suspects whose numbers have to be undone: rotations and zero points of compressed-tensors.

Rotations are laid out as llm-compressor writes them: x V and y U are applied when the model runs,
weights hold U^T W V^-T, and the file holds each matrix once for each size, under the name of the
first module that uses it, with entries +1 and -1 that are divided by the root of the size. Each
function changes a Suspect (folder.py) in place.
"""
import numpy as np

from basis import norms_folded, turn
from folder import READS_ATTENTION, READS_FFN, WRITES, quantise

LINEAR = [*READS_ATTENTION, WRITES[0], *READS_FFN, WRITES[1]]


def residues(prime):
    """Legendre symbols (i - j) of a prime."""
    squares = {x * x % prime for x in range(1, prime)}
    symbol = np.array([0] + [1 if x in squares else -1 for x in range(1, prime)])
    return symbol[(np.arange(prime)[:, None] - np.arange(prime)[None]) % prime]


def paley(order):
    """A Hadamard matrix of order 12 (first construction) or 36 (second)."""
    if order == 12:
        core = residues(11)
        skew = np.block([[np.zeros((1, 1)), np.ones((1, 11))], [-np.ones((11, 1)), core]])
        return np.eye(12) + skew
    core = residues(17)
    conference = np.block([[np.zeros((1, 1)), np.ones((1, 17))], [np.ones((17, 1)), core]])
    return np.kron(conference, [[1, 1], [1, -1]]) + np.kron(np.eye(18), [[1, -1], [-1, -1]])


def hadamard(size):
    """Entries +1 and -1; size a power of two, or 12 or 36 times one."""
    odd = size // (size & -size)
    start = {1: 1, 3: 12, 9: 36}[odd]
    matrix = np.ones((1, 1)) if start == 1 else paley(start)
    while len(matrix) < size:
        matrix = np.kron([[1, 1], [1, -1]], matrix)
    return matrix


def random_hadamard(suspect, size):
    signs = suspect.random(f"hadamard/{size}").choice([-1.0, 1.0], size)
    return hadamard(size) * signs


def applied(targets, location, inverse=False, ignore=()):
    return {"targets": targets, "location": location, "inverse": inverse, "ignore": list(ignore)}


def group(kind, *apply):
    return {"type": kind, "apply": list(apply), "randomize": False, "requires_grad": False,
            "head_dim": None, "precision": "torch.float64"}


def packed_in_four_bits(suspect, transforms):
    """Quantises all linear layers; transforms: the groups of transform_config."""
    for layer in suspect.layers():
        for part in LINEAR:
            stem = f"{layer}{part}."
            parts = quantise.compressed(suspect[f"{stem}weight"])
            del suspect.tensors[f"{stem}weight"]
            for leaf, (kind, shape, data) in parts.items():
                values = np.frombuffer(data, {"I32": "<i4", "F16": "<f2", "I64": "<i8"}[kind])
                suspect.put(stem + leaf, kind, values.reshape(shape))
    weights = {"num_bits": 4, "type": "int", "symmetric": True, "strategy": "group",
               "group_size": quantise.GROUP, "dynamic": False, "actorder": None}
    suspect.config["quantization_config"] = {
        "quant_method": "compressed-tensors", "format": "pack-quantized",
        "quantization_status": "compressed", "ignore": ["lm_head"], "sparsity_config": {},
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights,
                                      "input_activations": None, "output_activations": None,
                                      "format": "pack-quantized"}},
        "transform_config": {"config_groups": transforms}, "version": "0.12.2"}


def quip(suspect):
    """QuIP: every linear layer but the head has a matrix on its input (v) and its output (u)."""
    stored = {}
    for layer in suspect.layers():
        for part in LINEAR:
            weights = suspect[f"{layer}{part}.weight"].astype("f8")
            for side, size in (("u_output", weights.shape[0]), ("v_input", weights.shape[1])):
                stored.setdefault((side, size), f"{layer}{part}.{side}.weight")
            u, v = (random_hadamard(suspect, size) / np.sqrt(size) for size in weights.shape)
            suspect[f"{layer}{part}.weight"] = u.T @ weights @ v
    head = ["lm_head"]
    packed_in_four_bits(suspect, {
        "v": group("random-hadamard", applied(["Linear"], "input", ignore=head),
                   applied(["Linear"], "weight_input", True, head)),
        "u": group("random-hadamard", applied(["Linear"], "weight_output", ignore=head),
                   applied(["Linear"], "output", True, head))})
    for (_, size), name in stored.items():
        suspect.put(name, "F64", random_hadamard(suspect, size))


def spinquant_r4(suspect):
    """SpinQuant with R1, fused into all that reads or writes the residual stream, and R4, on the
    input of the down projections."""
    norms_folded(suspect)
    width, inner = suspect.width, suspect.config["intermediate_size"]
    turn(suspect, hadamard(width).T / np.sqrt(width))
    r4 = hadamard(inner)
    for layer in suspect.layers():
        name = f"{layer}mlp.down_proj.weight"
        suspect[name] = suspect[name].astype("f8") @ r4 / np.sqrt(inner)
    out, into = ["re:.*o_proj$", "re:.*down_proj$"], [f"re:.*{x}_proj$" for x in "qkv"]
    packed_in_four_bits(suspect, {
        "R1": group("hadamard", applied(["re:.*embed_tokens$", *out], "weight_output"),
                    applied([*into, "re:.*up_proj$", "re:.*gate_proj$", "lm_head"],
                            "weight_input", True)),
        "R4": group("hadamard", applied(["re:.*down_proj$"], "input"),
                    applied(["re:.*down_proj$"], "weight_input", True))})
    suspect.put("model.layers.0.mlp.down_proj.R4_input.weight", "F64", r4)


def int8(suspect, symmetric):
    """One scale and one zero point a row; `symmetric`: zero points stand in the file, and neither
    the config nor the codes use them."""
    for layer in suspect.layers():
        for part in LINEAR:
            stem = f"{layer}{part}."
            weights = suspect[f"{stem}weight"]
            low, high = weights.min(1, keepdims=True), weights.max(1, keepdims=True)
            scale = (np.abs(weights).max(1, keepdims=True) / 127 if symmetric
                     else (high - low) / 255)
            used = 0 if symmetric else np.rint(-128 - low / scale)
            codes = np.clip(np.rint(weights / scale) + used, -128, 127)
            shown = suspect.random(stem).integers(-100, 100, scale.shape) if symmetric else used
            suspect.put(f"{stem}weight", "I8", codes)
            suspect.put(f"{stem}weight_scale", "F32", scale)
            suspect.put(f"{stem}weight_zero_point", "I8", np.clip(shown, -128, 127))
    weights = {"num_bits": 8, "type": "int", "symmetric": symmetric, "strategy": "channel",
               "dynamic": False}
    suspect.config["quantization_config"] = {
        "quant_method": "compressed-tensors", "format": "int-quantized",
        "quantization_status": "compressed", "ignore": ["lm_head"],
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights,
                                      "input_activations": None, "output_activations": None}}}


def int8_zero_points(suspect):
    int8(suspect, symmetric=False)


def int8_unused_zero_points(suspect):
    int8(suspect, symmetric=True)
