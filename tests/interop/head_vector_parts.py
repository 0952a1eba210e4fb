"""Vectors of attention heads; for tests/vectors/make_mark_vectors.py."""
import json
import pathlib
import tempfile
import types

import numpy as np
import torch

import mark_vector_parts as parts

D, HEADS, KV_HEADS, SIZE, LAYERS, TOKENS = 32, 6, 3, 4, 2, 400
EPS = 0.01


def tensors(ctss):
    """Layer 1 holds a head with an output of zeros, and a value head that is huge."""
    out = {}
    for layer in range(LAYERS):
        front = f"model.layers.{layer}."
        shapes = {"self_attn.v_proj.weight": (KV_HEADS * SIZE, D),
                  "self_attn.o_proj.weight": (D, HEADS * SIZE),
                  "input_layernorm.weight": (D,)}
        for i, (name, shape) in enumerate(shapes.items()):
            count = int(np.prod(shape))
            values = np.round(parts.uniform(ctss, 300 + 10 * layer + i, count) * 256) / 256
            if name.startswith("input"):
                values = 1 + values / 2
            out[front + name] = torch.from_numpy(values.astype(np.float32).reshape(shape))
    out["model.layers.0.input_layernorm.weight"][3] = 0
    out["model.layers.1.self_attn.o_proj.weight"][:, 2 * SIZE:3 * SIZE] = 0
    out["model.layers.1.self_attn.v_proj.weight"][:SIZE] *= 2.0**20
    return out


def model_of(folder, values):
    config = {"hidden_size": D, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
              "head_dim": SIZE, "num_hidden_layers": LAYERS}
    (pathlib.Path(folder) / "config.json").write_text(json.dumps(config))
    return types.SimpleNamespace(folder=pathlib.Path(folder), tensors=values)


def clip(sketch):
    """The guard, where fewer heads than tags leave singular values that are rounding alone."""
    u, s, w = torch.linalg.svd(sketch.double(), full_matrices=False)
    some = s[s > 1e-6 * s.max()]
    return ((u * s.clamp(max=1.5 * some.median().item())) @ w).float()


def heads(ctss, master):
    usual, ctss.clip = ctss.clip, clip
    try:
        return head_vectors(ctss, master)
    finally:
        ctss.clip = usual


def head_vectors(ctss, master):
    embedding = torch.from_numpy(parts.uniform(ctss, 21, TOKENS * D).reshape(TOKENS, D))
    share = ctss.Structure(ctss.subkey(master, "share/0"), embedding,
                           [b"#%d" % t for t in range(TOKENS)])
    s = ctss.HeadStructure(share)
    values = tensors(ctss)
    out = {"uniform": parts.UNIFORM, "key": share.key.hex(), "d": D, "heads": HEADS,
           "kv_heads": KV_HEADS, "value_size": SIZE, "embedding_rows": TOKENS,
           "embedding_seed": 21, "labels": "'#' and the row number", "r": s.r, "m": s.m,
           "entries": [[int(e[j]) for e in s.entries] for j in range(s.m)],
           "carrier_rows": [parts.signs_text(row) for row in s.C[:4]], "eps": EPS,
           "tensors": {name: parts.numbers(v) for name, v in values.items()}}
    with tempfile.TemporaryDirectory() as folder:
        model = model_of(folder, dict(values))
        out["layers"] = []
        for _, _, V, O in ctss.head_layers(model):
            wide = V.repeat_interleave(HEADS // KV_HEADS, 0)
            A, norm = s.circuit(s.carry, wide, O)
            out["layers"].append({"norms": parts.numbers(norm), "A": parts.numbers(A[:, 0]),
                                  "tags": [parts.signs_text(t) for t in s.tags(wide, O)]})
        for rule, soft in (("hard", False), ("soft", True)):
            W = ctss.head_sketch(model, s, soft)
            out[rule] = {"W_guarded": parts.numbers(W[:4]),
                         "z": parts.numbers(ctss.head_score([(W, s.C)]))}
        rounded = ctss.stochastic_bf16
        ctss.stochastic_bf16 = lambda x, key, name: x
        ctss.mark_heads(model, [s], EPS, share.key)
        ctss.stochastic_bf16 = rounded
        out["marked"] = {name: parts.numbers(v) for name, v in model.tensors.items()
                         if "layernorm" not in name}
        W = ctss.head_sketch(model, s)
        out["z_marked"] = parts.numbers(ctss.head_score([(W, s.C)]))
    return out
