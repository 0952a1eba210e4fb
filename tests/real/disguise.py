#!/usr/bin/env python3
"""Changes that keep what a model computes, or nearly, and hide that it is a copy; and models that
share only a part: disguise.py KIND SOURCE OUT [OTHER]. Models are folders as in offspring.py; the
functions in KINDS describe each kind and may return changed files beside the weights. All random
numbers come from fixed seeds. Needs numpy.
"""
import json
import pathlib
import re
import sys

import numpy as np

from offspring import Model

NOISE = 0.4  # relative to the size of each matrix: a mean cosine of .93


def heads(model):
    """Query heads, key/value heads, size of a head."""
    count = model.config["num_attention_heads"]
    size = model.config.get("head_dim") or model.config["hidden_size"] // count
    return count, model.config.get("num_key_value_heads", count), size


def attention_layers(model):
    """The common part of the names of each layer's attention matrices."""
    return [name.removesuffix("q_proj.weight") for name in model.tensors
            if name.endswith("self_attn.q_proj.weight")]


def signs_turned(model):
    """Every row of q, k, v and up and every column of o and down changes its sign."""
    for name in model.tensors:
        if re.search(r"\.(q|k|v|o|up|down)_proj\.weight$", name):
            model.tensors[name] = -model.tensors[name]


def dimensions_moved(model):
    """Each head dimension of v and o takes the place before it."""
    count, kv, size = heads(model)
    for at in attention_layers(model):
        v, o = model.tensors[f"{at}v_proj.weight"], model.tensors[f"{at}o_proj.weight"]
        model.tensors[f"{at}v_proj.weight"] = np.roll(v.reshape(kv, size, -1), -1, 1).reshape(
            v.shape)
        model.tensors[f"{at}o_proj.weight"] = np.roll(o.reshape(-1, count, size), -1, 2).reshape(
            o.shape)


def attention_mixed(model):
    """V and O of a head mixed by an invertible matrix and its inverse, q and k of each rotary pair
    turned by one angle, heads in another order."""
    rng = np.random.default_rng(21)
    count, kv, size = heads(model)
    group = count // kv
    for at in attention_layers(model):
        q, k, v, o = (model.tensors[f"{at}{part}_proj.weight"] for part in "qkvo")
        q, k = q.reshape(kv, group, size, -1), k.reshape(kv, 1, size, -1)
        v = v.reshape(kv, size, -1)
        o = o.reshape(-1, kv, group, size)
        mix = rng.standard_normal((kv, size, size)) + 4 * np.eye(size)
        v = np.einsum("hij,hjd->hid", mix, v)
        o = np.einsum("dhgi,hij->dhgj", o, np.linalg.inv(mix))
        angle = rng.uniform(0, 2 * np.pi, (kv, 1, size // 2, 1))
        q, k = (np.concatenate([a * np.cos(angle) - b * np.sin(angle),
                                a * np.sin(angle) + b * np.cos(angle)], 2)
                for a, b in (np.split(part, 2, axis=2) for part in (q, k)))
        order = np.roll(np.arange(kv), 1)
        for part, values in (("q", q[order]), ("k", k[order]), ("v", v[order]), ("o", o[:, order])):
            name = f"{at}{part}_proj.weight"
            model.tensors[name] = values.reshape(model.tensors[name].shape).astype(np.float32)


def noisy(model):
    rng = np.random.default_rng(22)
    for name, weights in model.tensors.items():
        if weights.ndim == 2 and ".layers." in name:
            noise = rng.standard_normal(weights.shape, np.float32)
            model.tensors[name] = weights + NOISE * weights.std() * noise


def norms_times(model, factor):
    """Multiplies each norm weight by its factors; what reads behind the norm is divided by them."""
    rng = np.random.default_rng(23)
    readers = {"input_layernorm": "self_attn.{}_proj", "post_attention_layernorm": "mlp.{}_proj"}
    for name in [n for n in model.tensors if n.endswith("layernorm.weight")]:
        stem, norm = name.removesuffix(".weight").rsplit(".", 1)
        times = factor(model.tensors[name], rng)
        model.tensors[name] = model.tensors[name] * times
        for part in ("q", "k", "v", "gate", "up"):
            reader = f"{stem}.{readers[norm].format(part)}.weight"
            if reader in model.tensors:
                model.tensors[reader] = model.tensors[reader] / times


def norms_folded(model):
    """Trained further (noise), then all norm weights are 1 and their readers hold them."""
    noisy(model)
    norms_times(model, lambda weights, rng: 1 / weights)


def norms_moved(model):
    """Trained further (noise), then norm weights times 2^(2 normal), readers divided by it."""
    noisy(model)
    norms_times(model, lambda weights, rng: 2 ** (2 * rng.standard_normal(weights.shape)))


def dummies(model):
    """A fiftieth of the neurons of each layer, side by side, all alike and next to without effect:
    they replace the weakest neurons."""
    for name in [n for n in model.tensors if n.endswith("mlp.gate_proj.weight")]:
        stem = name.removesuffix("gate_proj.weight")
        gate, up, down = (model.tensors[f"{stem}{part}_proj.weight"]
                          for part in ("gate", "up", "down"))
        strength = np.linalg.norm(up, axis=1) * np.linalg.norm(down, axis=0)
        rest = np.sort(np.argsort(-strength)[:-(len(gate) // 50)])
        first = np.argmax(strength)
        order = np.concatenate([rest, np.full(len(gate) // 50, first)])
        shrink = np.where(np.arange(len(gate)) < len(rest), 1, 2.0 ** -12).astype(np.float32)
        model.tensors[name] = gate[order]
        model.tensors[f"{stem}up_proj.weight"] = up[order] * shrink[:, None]
        model.tensors[f"{stem}down_proj.weight"] = down[:, order] * shrink


def two_bits(model):
    """Four levels in groups of 64 along each row as MLX chooses them: the value furthest from 0 and
    0 itself are levels, so that the levels of a group are not symmetric."""
    for name, weights in model.tensors.items():
        if weights.ndim != 2 or ".layers." not in name:
            continue
        groups = weights.reshape(-1, 64)
        low, high = groups.min(1, keepdims=True), groups.max(1, keepdims=True)
        below = np.abs(low) > np.abs(high)
        step = np.maximum((high - low) / 3, 1e-7) * np.where(below, 1, -1)
        edge = np.where(below, low, high)
        steps = np.rint(edge / step)
        step = np.where(steps != 0, edge / np.where(steps != 0, steps, 1), step)
        codes = np.clip(np.rint((groups - edge) / step), 0, 3)
        model.tensors[name] = (codes * step + edge).reshape(weights.shape).astype(np.float32)


def planted(model, other):
    """A twentieth of the other model's neurons and head dimensions, in their places."""
    count, kv, size = heads(model)
    for name, weights in model.tensors.items():
        theirs = other.tensors[name]
        if not re.search(r"_proj\.weight$", name):
            continue
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            places = np.arange(weights.shape[1]) % (size if "o_proj" in name else 20) % 20 == 3
            weights[:, places] = theirs[:, places]
        else:
            per_head = re.search(r"(q|k|v)_proj", name)
            places = np.arange(len(weights)) % (size if per_head else 20) % 20 == 3
            weights[places] = theirs[places]


def embedding_taken(model, other):
    """The other model's token embedding with some noise, all else from the source."""
    theirs = other.tensors["model.embed_tokens.weight"]
    noise = np.random.default_rng(24).standard_normal(theirs.shape, np.float32)
    model.tensors["model.embed_tokens.weight"] = theirs + 0.3 * theirs.std() * noise


def attention_taken(model, other):
    """The other model's attention and norm weights, all else from the source."""
    for name, weights in model.tensors.items():
        if ".self_attn." in name or weights.ndim == 1:
            model.tensors[name] = other.tensors[name]


def tokens_renamed(model):
    """Every token has another's string; its row and all weights stay."""
    tokenizer = json.loads((model.folder / "tokenizer.json").read_text(encoding="utf-8"))
    names = list(tokenizer["model"]["vocab"])
    ids = [tokenizer["model"]["vocab"][name] for name in names]
    tokenizer["model"]["vocab"] = dict(zip(names, ids[1000:] + ids[:1000]))
    tokenizer["added_tokens"] = []
    return {"tokenizer.json": json.dumps(tokenizer)}


KINDS = {maker.__name__.replace("_", "-"): maker for maker in (
    signs_turned, dimensions_moved, attention_mixed, norms_folded, norms_moved, dummies, two_bits,
    planted, embedding_taken, attention_taken, tokens_renamed)}


def main(kind, source, out, *others):
    model = Model(source)
    files = KINDS[kind](model, *(Model(other) for other in others))
    model.write(out)
    for name, text in (files or {}).items():
        (pathlib.Path(out) / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in KINDS:
        sys.exit(f"usage: disguise.py KIND SOURCE OUT [OTHER], KIND one of {', '.join(KINDS)}")
    main(*sys.argv[1:])
