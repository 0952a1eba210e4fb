#!/usr/bin/env python3
"""Stores the values of each layer as a product of two matrices: value_factors.py MODEL OUT.

As in multi-head latent attention: what the values of all heads read is mixed by a random matrix,
which each query head undoes; the latent has a norm weight of its own. Keys of each head are noise,
so only the circuits of heads stay as they are. Weights are written as F32. Needs numpy.
"""
import json
import pathlib
import shutil
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import offspring  # noqa: E402
import quantise  # noqa: E402

KEYS = 32  # rows of keys in front of the values of each head


def factors(random, values, heads, pairs):
    """`values`: the rows of all value heads. Returns the rows of all query heads, the norm weight
    of the latent, and what it holds."""
    latent = len(values)
    size = latent // pairs
    mix = np.linalg.qr(random.standard_normal((latent, latent)))[0] * random.uniform(0.5, 2, latent)
    norm = random.uniform(0.5, 2, latent)
    down = np.linalg.solve(mix * norm, values.astype("f8"))
    up = np.concatenate([np.concatenate([
        random.standard_normal((KEYS, latent)) / np.sqrt(latent),
        mix[head * pairs // heads * size:][:size]]) for head in range(heads)])
    return up, norm, down


def factorise(model):
    config = model.config
    heads, pairs = config["num_attention_heads"], config["num_key_value_heads"]
    config["v_head_dim"] = config.get("head_dim") or config["hidden_size"] // heads
    random = np.random.default_rng(17)
    for name in [n for n in model.tensors if n.endswith("self_attn.v_proj.weight")]:
        up, norm, down = factors(random, model.tensors.pop(name), heads, pairs)
        stem = name.removesuffix("v_proj.weight")
        del model.tensors[f"{stem}k_proj.weight"]
        model.tensors |= {f"{stem}kv_b_proj.weight": up, f"{stem}kv_a_layernorm.weight": norm,
                          f"{stem}kv_a_proj_with_mqa.weight": down}


def main(source, out):
    source, out = pathlib.Path(source), pathlib.Path(out)
    model = offspring.Model(source)
    factorise(model)
    out.mkdir()
    shutil.copy(source / "tokenizer.json", out)
    (out / "config.json").write_text(json.dumps(model.config, indent=1))
    quantise.write_model(out / "model.safetensors", [
        (name, *quantise.part("F32", values)) for name, values in model.tensors.items()])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: value_factors.py MODEL OUT")
    main(*sys.argv[1:])
