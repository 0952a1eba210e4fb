#!/usr/bin/env python3
"""A small wide model whose matrices have the spectra of a real one: synthetic.py REAL WIDTH OUT.

Layers of 8/3 widths, as many as reach 100 M weights of the FFN. The singular values of gate, up and
down of the real model's middle layer are stretched over the new width; directions are random, and
those that the layers share are the same for all of a kind, as in trained models.
"""
import json
import pathlib
import sys

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

WEIGHTS = 100e6
VOCABULARY = 8192
HEADS, HEAD_SIZE = 4, 64


def spectrum(model, kind):
    """Singular values of one matrix, largest first, of mean square 1; and their number."""
    name = f"model.layers.{{}}.mlp.{kind}_proj.weight"
    with safe_open(next(pathlib.Path(model).glob("*.safetensors")), "pt") as file:
        layers = sum(1 for key in file.keys() if key.endswith(f"mlp.{kind}_proj.weight"))
        values = torch.linalg.svdvals(file.get_tensor(name.format(layers // 2)).float()).numpy()
    return values / np.sqrt(np.mean(values ** 2))


def stretched(values, width):
    return np.interp(np.linspace(0, len(values) - 1, width), np.arange(len(values)), values)


def make(model, width, out):
    rng = torch.Generator().manual_seed(1)
    units = 8 * width // 3 // 64 * 64
    layers = max(1, round(WEIGHTS / (3 * units * width)))
    normal = lambda *shape: torch.randn(*shape, generator=rng)  # noqa: E731
    basis = torch.linalg.qr(normal(width, width))[0]
    tensors = {"model.embed_tokens.weight": normal(VOCABULARY, width) * .05,
               "lm_head.weight": normal(VOCABULARY, width) * .05,
               "model.norm.weight": torch.ones(width)}
    for layer in range(layers):
        at = f"model.layers.{layer}."
        for kind in ("gate", "up", "down"):
            values = torch.from_numpy(stretched(spectrum(model, kind), width)).float()
            rows = (normal(units, width) * values * .02) @ basis
            tensors[f"{at}mlp.{kind}_proj.weight"] = rows.T if kind == "down" else rows
        for kind in ("q", "k", "v"):
            tensors[f"{at}self_attn.{kind}_proj.weight"] = normal(HEADS * HEAD_SIZE, width) * .02
        tensors[f"{at}self_attn.o_proj.weight"] = normal(width, HEADS * HEAD_SIZE) * .02
        for norm in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{at}{norm}.weight"] = torch.rand(width, generator=rng) + .5
    out = pathlib.Path(out)
    out.mkdir(parents=True)
    save_file({name: value.bfloat16().contiguous() for name, value in tensors.items()},
              out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": width,
        "intermediate_size": units, "num_hidden_layers": layers, "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS, "head_dim": HEAD_SIZE, "vocab_size": VOCABULARY,
        "tie_word_embeddings": False, "rms_norm_eps": 1e-5, "hidden_act": "silu"}))


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), sys.argv[3])
