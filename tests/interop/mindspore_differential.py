#!/usr/bin/env python3
"""Compares random checkpoints written by mindspore with `weightmark inspect --tensors --json`.

mindspore_differential.py [PATH/TO/weightmark]. Names, types, shapes and format must be equal; the
values are those of a real model in tests/real/parts/test_ranks.py. Needs the Python package
mindspore (CPU); otherwise skipped.
"""
import random

import differential

CLAIM = "interop: inspect lists random checkpoints of mindspore correctly"
TYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16", "float64": "F64", "int8": "I8",
         "int32": "I32", "int64": "I64", "uint8": "U8", "bool_": "BOOL"}
HIDDEN, FFN, VOCABULARY = 8, 12, 10


def parameters(mindspore, rng):
    """A tiny Llama and other tensors: what save_checkpoint takes, and type and shape of each."""
    saved, listed = [], {}

    def add(name, kind, shape):
        dtype = getattr(mindspore, kind)
        tensor = mindspore.ops.ones(tuple(shape), mindspore.float32).astype(dtype)
        saved.append({"name": name, "data": mindspore.Parameter(tensor, name=name)})
        listed[name] = (TYPES[kind], list(shape))

    kind = rng.choice(["float32", "float16", "bfloat16"])
    add("model.embed_tokens.weight", kind, [VOCABULARY, HIDDEN])
    for layer in range(rng.randint(1, 2)):
        stem = f"model.layers.{layer}."
        add(stem + "mlp.gate_proj.weight", kind, [FFN, HIDDEN])
        add(stem + "mlp.up_proj.weight", kind, [FFN, HIDDEN])
        add(stem + "mlp.down_proj.weight", kind, [HIDDEN, FFN])
        add(stem + "post_attention_layernorm.weight", "float32", [HIDDEN])
    for extra in range(rng.randrange(5)):
        shape = [rng.randrange(1, 4) for _ in range(rng.randrange(4))]
        add(f"extra.{extra}", rng.choice(sorted(TYPES)), shape)
    return saved, listed


def compare(program, folder, mindspore, seed):
    rng = random.Random(seed)
    saved, listed = parameters(mindspore, rng)
    path = folder / "model.ckpt"
    more = {"epoch_num": 3, "words": "text"} if rng.random() < 0.5 else None
    if more:
        listed["epoch_num"] = ("I64", [])
    mindspore.save_checkpoint(saved, str(path), append_dict=more, crc_check=rng.random() < 0.5)
    document = differential.inspected(program, path)
    if document["format"] != "MindSpore":
        return f"format {document['format']}"
    return differential.difference(document, listed, "mindspore")


if __name__ == "__main__":
    differential.main(CLAIM, ["mindspore"], compare)
