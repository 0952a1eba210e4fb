#!/usr/bin/env python3
"""Makes models from models in ways that `weightmark attack` does not: offspring.py KIND SOURCE OUT
[OTHER]. Models are folders with one bf16 safetensors file and config.json; the functions in KINDS
describe each kind. All random numbers come from fixed seeds. Needs numpy.
"""
import json
import pathlib
import re
import shutil
import sys

import numpy as np

import quantise

LAYER = re.compile(r"^(model\.layers\.)(\d+)(\..*)$")
EXPERT = re.compile(r"^(.*\.experts\.)(\d+)(\..*)$")


class Model:
    """Tensors as float32 by name, in order, and the configuration."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config = json.loads((self.folder / "config.json").read_text())
        self.tensors = {name: widened(dtype, shape, data) for name, dtype, shape, data
                        in quantise.read_model(self.folder / "model.safetensors")}

    def write(self, folder):
        folder = pathlib.Path(folder)
        folder.mkdir()
        for path in self.folder.iterdir():
            if path.suffix != ".safetensors" and path.is_file():
                shutil.copy(path, folder)
        (folder / "config.json").write_text(json.dumps(self.config, indent=1))
        quantise.write_model(folder / "model.safetensors", [
            (name, "BF16", values.shape, narrowed(values))
            for name, values in self.tensors.items()])

    def rename(self, new_name):
        """new_name(name) returns the list of new names of a tensor."""
        self.tensors = {new: values for name, values in self.tensors.items()
                        for new in new_name(name)}


def widened(dtype, shape, data):
    if dtype == "BF16":
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view("<f4").reshape(shape)
    return np.frombuffer(data, {"F32": "<f4", "F16": "<f2"}[dtype]).astype("<f4").reshape(shape)


def narrowed(values):
    bits = np.ascontiguousarray(values, "<f4").view("<u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()


def lora(model):
    """A merged adapter: updates of rank 8, a tenth as long as q, k, v, o, gate, up and down."""
    rng = np.random.default_rng(11)
    for name, weights in model.tensors.items():
        if weights.ndim != 2 or ".layers." not in name:
            continue
        rows, columns = weights.shape
        left = rng.standard_normal((rows, 8), np.float32)
        update = left @ rng.standard_normal((8, columns), np.float32)
        scale = 0.1 * np.linalg.norm(weights) / np.linalg.norm(update)
        model.tensors[name] = weights + scale * update


def repeat_layers(model):
    """Depth up-scaling: all layers except the last eighth, then all except the first eighth."""
    depth = model.config["num_hidden_layers"]
    cut = max(1, depth // 8)
    order = [*range(depth - cut), *range(cut, depth)]

    def names(name):
        match = LAYER.match(name)
        if not match:
            return [name]
        return [f"{match[1]}{place}{match[3]}" for place, layer in enumerate(order)
                if layer == int(match[2])]

    model.rename(names)
    model.config["num_hidden_layers"] = len(order)


def fewer_neurons(model):
    """Width pruning: keeps seven tenths of each layer's neurons, those with the longest rows."""
    kept = model.config["intermediate_size"] * 7 // 10
    for name in [n for n in model.tensors if n.endswith("mlp.gate_proj.weight")]:
        stem = name.removesuffix("gate_proj.weight")
        up, down = f"{stem}up_proj.weight", f"{stem}down_proj.weight"
        lengths = (np.linalg.norm(model.tensors[name], axis=1)
                   * np.linalg.norm(model.tensors[down], axis=0))
        order = np.sort(np.argsort(-lengths)[:kept])
        for part in (name, up):
            model.tensors[part] = model.tensors[part][order]
        model.tensors[down] = model.tensors[down][:, order]
    model.config["intermediate_size"] = kept


def fewer_coordinates(model):
    """Width pruning: keeps eight ninths of the residual coordinates, those with the largest
    variance in the embedding (measured on one row in 16)."""
    width = model.config["hidden_size"]
    spread = model.tensors["model.embed_tokens.weight"][::16].std(0)
    order = np.sort(np.argsort(-spread)[:width * 8 // 9])
    for name, weights in model.tensors.items():
        if name.endswith(("o_proj.weight", "down_proj.weight")) or weights.ndim == 1:
            model.tensors[name] = weights[order]
        else:
            model.tensors[name] = weights[:, order]
    model.config["head_dim"] = width // model.config["num_attention_heads"]
    model.config["hidden_size"] = len(order)


def unrelated(model):
    """Unrelated: normal numbers with each row's deviation; means and norm weights in another order.
    Like another training with the same recipe, it has the same norms and curves. (A row that kept
    its mean would have a cosine of 1 / width with the original, which is visible over all layers.)
    """
    rng = np.random.default_rng(12)
    for name, weights in model.tensors.items():
        if weights.ndim == 1:
            model.tensors[name] = rng.permutation(weights)
            continue
        noise = rng.standard_normal(weights.shape, np.float32)
        model.tensors[name] = (rng.permutation(weights.mean(1, keepdims=True))
                               + weights.std(1, keepdims=True) * noise)


def expert_names(model):
    return [name for name in model.tensors if EXPERT.match(name)]


def transplant(model, other):
    """Expert 1 of every layer comes from the other mixture of experts, all else from the source."""
    for name in expert_names(model):
        if EXPERT.match(name)[2] == "1":
            model.tensors[name] = other.tensors[name]


def set_experts(model, count):
    for key in ("num_local_experts", "num_experts", "n_routed_experts"):
        if key in model.config:
            model.config[key] = count


def routers(model):
    return [name for name in model.tensors
            if name.endswith(("block_sparse_moe.gate.weight", "mlp.gate.weight"))]


def fewer_experts(model):
    """Experts 2i and 2i + 1 become their mean."""
    means = {}
    for name in expert_names(model):
        match = EXPERT.match(name)
        new = f"{match[1]}{int(match[2]) // 2}{match[3]}"
        means[new] = means.get(new, 0) + model.tensors.pop(name) / 2
    model.tensors.update(means)
    for name in routers(model):
        model.tensors[name] = (model.tensors[name][::2] + model.tensors[name][1::2]) / 2
        set_experts(model, len(model.tensors[name]))


def more_experts(model):
    """Each expert twice, the second with a tenth of noise; the router's rows twice."""
    rng = np.random.default_rng(13)
    for name in routers(model):
        count = len(model.tensors[name])
        model.tensors[name] = np.concatenate([model.tensors[name]] * 2)
        set_experts(model, 2 * count)
    for name in expert_names(model):
        match, weights = EXPERT.match(name), model.tensors[name]
        noise = rng.standard_normal(weights.shape, np.float32) * weights.std() / 10
        model.tensors[f"{match[1]}{int(match[2]) + count}{match[3]}"] = weights + noise


KINDS = {maker.__name__.replace("_", "-"): maker for maker in (
    lora, repeat_layers, fewer_neurons, fewer_coordinates, unrelated, transplant, fewer_experts,
    more_experts)}


def main(kind, source, out, *others):
    model = Model(source)
    KINDS[kind](model, *(Model(other) for other in others))
    model.write(out)


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in KINDS:
        sys.exit(f"usage: offspring.py KIND SOURCE OUT [OTHER], KIND one of {', '.join(KINDS)}")
    main(*sys.argv[1:])
