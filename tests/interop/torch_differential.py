#!/usr/bin/env python3
"""Compares random state dicts written by torch with `weightmark inspect --tensors --json`.

torch_differential.py [PATH/TO/weightmark]. Names, types and shapes must be equal; values are
compared by the unit tests on vectors. Needs the Python package torch; otherwise skipped.
"""
import random

import differential

CLAIM = "interop: inspect lists random state dicts of torch correctly"
HIDDEN, FFN, VOCABULARY = 8, 12, 10
TYPES = ["float32", "float16", "bfloat16"]
OTHERS = {"float64": "F64", "int64": "I64", "uint8": "U8", "bool": "BOOL", "int16": "I16",
          "float8_e4m3fn": "F8_E4M3", "uint16": "U16", "complex64": "C64"}
NAMES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16", **OTHERS}


def matrix(torch, rng, dtype, rows, columns):
    """A matrix of this shape: contiguous, transposed, a slice of a larger one, or with steps."""
    kind, name = rng.randrange(4), NAMES[str(dtype).removeprefix("torch.")]
    if kind == 1:
        return torch.randn(columns, rows).to(dtype).t(), f"{name} in strides"
    if kind == 2:
        return torch.randn(rows + 2, columns + 3).to(dtype)[1:-1, 2:-1], f"{name} in strides"
    if kind == 3:
        return torch.randn(2 * rows, columns).to(dtype)[::2], f"{name} in strides"
    return torch.randn(rows, columns).to(dtype), name


def state_dict(torch, rng):
    """A tiny Llama and tensors that no naming rule knows, and type and shape of each."""
    dtype = getattr(torch, rng.choice(TYPES))
    state, listed = {}, {}

    def add(name, tensor, kind):
        state[name] = tensor
        listed[name] = (kind, list(tensor.shape))

    def add_matrix(name, rows, columns):
        add(name, *matrix(torch, rng, dtype, rows, columns))

    add_matrix("model.embed_tokens.weight", VOCABULARY, HIDDEN)
    for layer in range(rng.randint(1, 2)):
        prefix = f"model.layers.{layer}."
        add_matrix(prefix + "mlp.gate_proj.weight", FFN, HIDDEN)
        add_matrix(prefix + "mlp.up_proj.weight", FFN, HIDDEN)
        add_matrix(prefix + "mlp.down_proj.weight", HIDDEN, FFN)
        add(prefix + "post_attention_layernorm.weight", torch.ones(HIDDEN), "F32")
    if rng.random() < 0.5:
        add("lm_head.weight", state["model.embed_tokens.weight"],
            listed["model.embed_tokens.weight"][0])
    for number in range(rng.randrange(5)):
        other = rng.choice(sorted(OTHERS))
        shape = [rng.randrange(4) for _ in range(rng.randrange(4))]
        add(f"extra.{number}", torch.zeros(shape).to(getattr(torch, other)), OTHERS[other])
    return state, listed


def wrapped(state, rng):
    return rng.choice([state, {"model": state, "epoch": 3}, {"state_dict": state, "lr": 0.1}])


def compare(program, folder, torch, seed):
    rng = random.Random(seed)
    torch.manual_seed(seed)
    state, listed = state_dict(torch, rng)
    path = folder / "model.pt"
    torch.save(wrapped(state, rng), path, pickle_protocol=rng.randint(2, 5))
    return differential.difference(differential.inspected(program, path), listed, "torch")


if __name__ == "__main__":
    differential.main(CLAIM, ["torch"], compare)
