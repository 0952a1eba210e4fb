#!/usr/bin/env python3
"""Writes a model again under other names, in other orders and layouts: relabel.py KIND SOURCE OUT.

The numbers stay, so the mark must be found (specs/shapes.md). SOURCE is a folder as in
../offspring.py with the names of Llama. Kinds whose names are opaque lose their config.json too.
Needs numpy.
"""
import pathlib
import random
import re
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from offspring import Model  # noqa: E402

MODULES = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
           "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "input_layernorm",
           "post_attention_layernorm"]
LAYER = re.compile(r"^model\.layers\.(\d+)\.(.*)\.weight$")


def as_modules(item):
    """The place of a tensor in the order in which a model defines its modules."""
    match = LAYER.match(item[0])
    if not match:
        return ("embed" not in item[0]) * 2 - 1, 0, 0
    return 0, int(match[1]), MODULES.index(match[2])


def opaque(items):
    return {f"t{place:04}": values for place, (_, values) in enumerate(items)}


def shuffled(items, seed=3):
    items = list(items)
    random.Random(seed).shuffle(items)
    return items


def words(tensors, *pairs):
    out = {}
    for name, values in tensors.items():
        for old, new in pairs:
            name = name.replace(old, new)
        out[name] = values
    return out


def stacked(tensors, axis=0):
    """All layers of one name in one tensor."""
    out = {name: values for name, values in tensors.items() if not LAYER.match(name)}
    by_name = {}
    for name, values in sorted(tensors.items(), key=as_modules):
        if match := LAYER.match(name):
            by_name.setdefault(match[2], []).append(values)
    for name, layers in by_name.items():
        out["model.layers." + name] = np.stack(layers, axis if layers[0].ndim > 1 else 0)
    return out


def fused(tensors, interleaved):
    """Gate and up of a layer in one tensor."""
    out = {}
    for name, values in tensors.items():
        if "up_proj" in name:
            continue
        if "gate_proj" in name:
            both = [values, tensors[name.replace("gate", "up")]]
            name = name.replace("gate_proj", "gate_up_proj")
            values = (np.stack(both, 1).reshape(-1, values.shape[1]) if interleaved
                      else np.concatenate(both))
        out[name] = values
    return out


def transposed(tensors):
    return {name: values.T if LAYER.match(name) and values.ndim == 2 else values
            for name, values in tensors.items()}


KINDS = {
    "opaque": lambda t: opaque(t.items()),
    "opaque-modules": lambda t: opaque(sorted(t.items(), key=as_modules)),
    "opaque-any-file-order": lambda t: dict(shuffled(opaque(t.items()).items())),
    "opaque-any-order": lambda t: opaque(shuffled(t.items())),
    "opaque-stacked": lambda t: opaque(stacked(t).items()),
    "opaque-halves": lambda t: opaque(fused(t, False).items()),
    "opaque-interleaved": lambda t: opaque(fused(t, True).items()),
    "opaque-transposed": lambda t: opaque(transposed(t).items()),
    "prefix": lambda t: {"foo.bar." + name: values for name, values in t.items()},
    "slashes": lambda t: words(t, (".", "/")),
    "underscores": lambda t: words(t, (".", "_")),
    "w1-w2-w3": lambda t: words(t, ("model.layers", "transformer.h"), ("gate_proj", "w1"),
                                ("up_proj", "w2"), ("down_proj", "w3")),
    "wi-wo": lambda t: words(t, ("gate_proj", "wi_0"), ("up_proj", "wi_1"), ("down_proj", "wo")),
    "stacked": stacked,
    "stacked-second-axis": lambda t: stacked(t, 1),
    "interleaved": lambda t: fused(t, True),
}


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in KINDS:
        sys.exit(f"usage: relabel.py KIND SOURCE OUT, KIND one of {', '.join(KINDS)}")
    model = Model(sys.argv[2])
    model.tensors = KINDS[sys.argv[1]](model.tensors)
    model.write(sys.argv[3])
    if sys.argv[1].startswith("opaque"):
        (pathlib.Path(sys.argv[3]) / "config.json").unlink()


if __name__ == "__main__":
    main()
