"""A model folder in memory that a suspect is made from: tensors, config and other files.

Tensors are kept as they are stored (bf16 as 16-bit words) and widened when one is read. Names are
those of Llama. Needs numpy. Not thread-safe.
"""
import copy
import json
import pathlib
import re
import shutil
import sys
import zlib

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "real"))
import quantise  # noqa: E402

NUMPY = {"BF16": "<u2", "F16": "<f2", "F32": "<f4", "F64": "<f8", "I8": "i1", "U8": "u1",
         "I32": "<i4", "I64": "<i8"}
LAYER = re.compile(r"^model\.layers\.(\d+)\.")
EMBEDDING, HEAD, FINAL_NORM = "model.embed_tokens.weight", "lm_head.weight", "model.norm.weight"
READS_ATTENTION = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")
READS_FFN = ("mlp.gate_proj", "mlp.up_proj")
WRITES = ("self_attn.o_proj", "mlp.down_proj")


def to_bf16(values):
    bits = np.ascontiguousarray(values, "<f4").view("<u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


class Suspect:
    """`tensors`: name -> (dtype, array as stored), in file order. `files`: name -> text or bytes of
    files to write or replace, or None to leave one out. `weights`: the name of the weights file.
    `after`: functions called with the folder when all else is written."""

    def __init__(self, folder, dtype="BF16"):
        self.source, self.dtype = pathlib.Path(folder), dtype
        self.config = json.loads((self.source / "config.json").read_text())
        self.files, self.after, self.weights = {}, [], "model.safetensors"
        self.tensors = {}
        for name, kind, shape, data in quantise.read_model(self.source / self.weights):
            self.tensors[name] = (kind, np.frombuffer(data, NUMPY[kind]).reshape(shape))

    def __getitem__(self, name):
        kind, stored = self.tensors[name]
        if kind == "BF16":
            return (stored.astype(np.uint32) << 16).view("<f4")
        return stored.astype("<f4")

    def __setitem__(self, name, values):
        """Stores in the model's type."""
        values = np.asarray(values, "<f4")
        self.tensors[name] = (self.dtype, to_bf16(values) if self.dtype == "BF16" else values)

    def put(self, name, kind, values):
        """Stores in another type than the model's."""
        self.tensors[name] = (kind, np.ascontiguousarray(values, NUMPY[kind]))

    def random(self, purpose):
        return np.random.default_rng([zlib.crc32(purpose.encode()), 16])

    @property
    def width(self):
        return self[EMBEDDING].shape[1] if EMBEDDING in self.tensors else self.config["hidden_size"]

    @property
    def depth(self):
        return 1 + max(int(m[1]) for m in map(LAYER.match, self.tensors) if m)

    def layers(self):
        """The prefixes 'model.layers.N.' in order of N."""
        return [f"model.layers.{number}." for number in range(self.depth)]

    def neurons(self, layer):
        """gate, up and down of one layer, one row for each neuron."""
        return (self[f"{layer}mlp.gate_proj.weight"], self[f"{layer}mlp.up_proj.weight"],
                np.ascontiguousarray(self[f"{layer}mlp.down_proj.weight"].T))

    def set_neurons(self, layer, gate, up, down):
        for part, values in (("gate", gate), ("up", up), ("down", down.T)):
            self[f"{layer}mlp.{part}_proj.weight"] = values

    def rename(self, new_name):
        """new_name(name) returns the new name of a tensor. Keeps the order of the file."""
        self.tensors = {new_name(name): stored for name, stored in self.tensors.items()}

    def text(self, name):
        """A file of the folder beside the weights, parsed as JSON."""
        if name in self.files:
            return json.loads(self.files[name])
        return json.loads((self.source / name).read_text(encoding="utf-8"))

    def set_text(self, name, tree):
        self.files[name] = json.dumps(tree, ensure_ascii=False)

    def copy(self):
        """Shares the stored arrays, which are never changed in place."""
        other = copy.copy(self)
        other.tensors, other.files = dict(self.tensors), dict(self.files)
        other.config, other.after = copy.deepcopy(self.config), list(self.after)
        return other

    def write_weights(self, path, wanted=lambda name: True):
        quantise.write_model(path, [
            (name, kind, values.shape, np.ascontiguousarray(values).tobytes())
            for name, (kind, values) in self.tensors.items() if wanted(name)])

    def write(self, folder):
        folder = pathlib.Path(folder)
        folder.mkdir()
        for path in self.source.iterdir():
            if path.suffix in (".json", ".txt") or path.name in ("LICENSE", "tokenizer.model"):
                shutil.copy(path, folder)
        (folder / "config.json").write_text(json.dumps(self.config, indent=1))
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.unlink(missing_ok=True)
            if isinstance(content, str):
                path.write_text(content, encoding="utf-8")
            elif content is not None:
                path.write_bytes(content)
        if self.weights:
            (folder / self.weights).parent.mkdir(exist_ok=True)
            self.write_weights(folder / self.weights)
        for finish in self.after:
            finish(folder)


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-30)


def noise_like(random, rows, factor=1.0):
    """Normal rows, each `factor` times as long as the row of `rows`."""
    draw = random.standard_normal(rows.shape, np.float32)
    return unit(draw) * (factor * np.linalg.norm(rows, axis=-1, keepdims=True))
