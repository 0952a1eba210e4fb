#!/usr/bin/env python3
"""Models of the shape of one with 7 billion weights, and disguised copies: for the bench.

wide_pair.py model FOLDER [--hidden N] [--ffn N] [--layers N] [--vocabulary N]: gate rows have the
spectrum that gate rows of real models have (eigenvalues lognormal, of deviation .7 in the
logarithm), in directions that differ from layer to layer, and a decaying part of rank hidden / 32
that all layers share. All else is independent noise.
wide_pair.py suspect FOLDER OUT [--noise X]: the same function with a rotated residual stream,
norm weights folded into the matrices behind them, neurons permuted and flipped, tokens renamed.
--noise: with that part of noise in the FFN; --shuffle: and with its layers in another order.

The layout of Llama in bf16, a file for each layer, written piece by piece. The same arguments give
the same bytes. Needs numpy.
"""
import argparse
import json
import pathlib
import struct
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import make_model  # noqa: E402

DEVIATION, LOG_SPREAD, ROWS_AT_ONCE = 0.02, 0.7, 2048
EMBEDDING, FINAL_NORM = "model.embed_tokens.weight", "model.norm.weight"
READS_ATTENTION = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")


def to_bf16(values):
    bits = np.ascontiguousarray(values, "<f4").view("<u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def from_bf16(stored):
    return (stored.astype("<u4") << 16).view("<f4")


class Rotation:
    """A random orthogonal matrix that is quick to apply: blocks that mix neighbours, then blocks
    that mix across them."""

    def __init__(self, random, width):
        self.inner = next(n for n in range(int(width**0.5), 0, -1) if width % n == 0)
        self.outer = width // self.inner
        self.blocks = [np.linalg.qr(random.standard_normal((count, side, side)))[0].astype("f4")
                       for count, side in ((self.outer, self.inner), (self.inner, self.outer))]

    def of(self, rows):
        """Each row x becomes O x."""
        out = np.empty_like(rows)
        for first in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[first:first + ROWS_AT_ONCE].reshape(-1, self.outer, self.inner)
            some = np.matmul(some.transpose(1, 0, 2), self.blocks[0])  # outer, rows, inner
            some = np.matmul(some.transpose(2, 1, 0), self.blocks[1])  # inner, rows, outer
            out[first:first + ROWS_AT_ONCE] = some.transpose(1, 0, 2).reshape(-1, rows.shape[1])
        return out


class Writer:
    """A folder of shards."""

    def __init__(self, folder):
        self.folder, self.where, self.total = folder, {}, 0
        folder.mkdir(parents=True)

    def shard(self, name, tensors):
        """`tensors`: name -> bf16 words."""
        header, offset = {"__metadata__": {"format": "pt"}}, 0
        for tensor, stored in tensors.items():
            end = offset + stored.nbytes
            header[tensor] = {"dtype": "BF16", "shape": stored.shape, "data_offsets": [offset, end]}
            self.where[tensor], offset = name, end
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(self.folder / name, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for stored in tensors.values():
                file.write(np.ascontiguousarray(stored).data)
        self.total += offset

    def end(self, config, tokenizer):
        index = {"metadata": {"total_size": self.total}, "weight_map": self.where}
        for name, document in (("model.safetensors.index.json", index), ("config.json", config),
                               ("tokenizer.json", tokenizer)):
            (self.folder / name).write_text(json.dumps(document) + "\n", encoding="utf-8")


class Reader:
    def __init__(self, folder):
        self.folder = folder
        text = (folder / "model.safetensors.index.json").read_text(encoding="utf-8")
        self.where = json.loads(text)["weight_map"]

    def __getitem__(self, name):
        path = self.folder / self.where[name]
        with open(path, "rb") as file:
            size = struct.unpack("<Q", file.read(8))[0]
            entry = json.loads(file.read(size))[name]
            begin, end = entry["data_offsets"]
            file.seek(8 + size + begin)
            stored = np.frombuffer(file.read(end - begin), "<u2")
        return from_bf16(stored).reshape(entry["shape"])


def gate_rows(random, shared, ffn, hidden):
    """Rows with a lognormal spectrum in directions of their own, and a part that layers share."""
    spectrum = np.exp(LOG_SPREAD * random.standard_normal(hidden))
    rows = random.standard_normal((ffn, hidden), "f4")
    rows *= np.sqrt(spectrum / spectrum.mean()).astype("f4")
    rows = Rotation(random, hidden).of(rows)
    common = random.standard_normal((ffn, len(shared)), "f4") @ shared
    return DEVIATION * (rows + common)


def layer_of(random, shared, options):
    hidden, ffn = options.hidden, options.ffn
    tensors = {}
    for name, shape in make_model.shapes(argparse.Namespace(**{**vars(options), "layers": 1})):
        short = name.removeprefix("model.layers.0.")
        if short == name:
            continue
        if len(shape) == 1:
            tensors[short] = 0.5 + random.random(shape)
        elif short == "mlp.gate_proj.weight":
            tensors[short] = gate_rows(random, shared, ffn, hidden)
        else:
            tensors[short] = DEVIATION * random.standard_normal(shape, "f4")
    return tensors


def make(options):
    random, writer = np.random.default_rng(options.seed), Writer(options.folder)
    table = DEVIATION * random.standard_normal((options.vocabulary, options.hidden), "f4")
    kept = options.hidden * 3 // 4  # a word, and the same word again, as in make_model.py
    table[1::2, :kept] = table[0::2, :kept][:len(table[1::2])]
    writer.shard("model-first.safetensors", {EMBEDDING: to_bf16(table)})
    shared = random.standard_normal((options.hidden // 32, options.hidden), "f4")
    shared /= np.linalg.norm(shared, axis=1)[:, None]
    shared *= np.linspace(2, 0, len(shared), dtype="f4")[:, None]
    for layer in range(options.layers):
        tensors = layer_of(random, shared, options)
        writer.shard(f"model-layer-{layer:02}.safetensors",
                     {f"model.layers.{layer}.{name}": to_bf16(values)
                      for name, values in tensors.items()})
    writer.shard("model-last.safetensors", {FINAL_NORM: to_bf16(np.ones(options.hidden))})
    writer.end(make_model.config(options), make_model.tokenizer(options))


def noisy(random, values, noise):
    if noise == 0:
        return values
    more = random.standard_normal(values.shape, "f4")
    return values + noise * values.std() * more


def disguised_layer(random, rotation, source, prefix, noise):
    out = {}
    order = random.permutation(source[f"{prefix}mlp.gate_proj.weight"].shape[0])
    signs = random.choice(np.array([-1, 1], "f4"), len(order))[:, None]
    norm = source[f"{prefix}post_attention_layernorm.weight"]
    out["mlp.gate_proj.weight"] = source[f"{prefix}mlp.gate_proj.weight"][order] * norm
    out["mlp.up_proj.weight"] = source[f"{prefix}mlp.up_proj.weight"][order] * norm * signs
    out["mlp.down_proj.weight"] = source[f"{prefix}mlp.down_proj.weight"].T[order] * signs
    out = {name: rotation.of(noisy(random, rows, noise)) for name, rows in out.items()}
    out["mlp.down_proj.weight"] = out["mlp.down_proj.weight"].T
    norm = source[f"{prefix}input_layernorm.weight"]
    for part in READS_ATTENTION:
        out[f"{part}.weight"] = rotation.of(source[f"{prefix}{part}.weight"] * norm)
    out["self_attn.o_proj.weight"] = rotation.of(source[f"{prefix}self_attn.o_proj.weight"].T).T
    for part in ("input_layernorm", "post_attention_layernorm"):
        out[f"{part}.weight"] = np.ones_like(norm)
    return out


def disguise(options):
    random, source = np.random.default_rng(options.seed), Reader(options.folder)
    writer = Writer(options.out)
    config = json.loads((options.folder / "config.json").read_text(encoding="utf-8"))
    rotation = Rotation(random, config["hidden_size"])
    writer.shard("model-first.safetensors", {EMBEDDING: to_bf16(rotation.of(source[EMBEDDING]))})
    layers = np.arange(config["num_hidden_layers"])
    for layer, other in enumerate(random.permutation(layers) if options.shuffle else layers):
        tensors = disguised_layer(random, rotation, source, f"model.layers.{other}.",
                                  options.noise)
        writer.shard(f"model-layer-{layer:02}.safetensors",
                     {f"model.layers.{layer}.{name}": to_bf16(values)
                      for name, values in tensors.items()})
    writer.shard("model-last.safetensors", {FINAL_NORM: to_bf16(source[FINAL_NORM])})
    tokenizer = json.loads((options.folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    tokenizer["model"]["vocab"] = {f"{text}x{number}": number
                                   for text, number in vocabulary.items()}
    for added in tokenizer["added_tokens"]:
        added["content"] += f"x{added['id']}"
    writer.end(config, tokenizer)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["model", "suspect"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path, nargs="?", help="of the suspect")
    for name, default in (("hidden", 4096), ("ffn", 11008), ("layers", 8), ("vocabulary", 32000),
                          ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N")
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--shuffle", action="store_true")
    options = parser.parse_args()
    make(options) if options.what == "model" else disguise(options)


if __name__ == "__main__":
    main()
