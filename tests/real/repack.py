#!/usr/bin/env python3
"""Converts a bf16 safetensors folder to another packing: repack.py MODEL OUT torch|lora|dora.

torch: pytorch_model.bin in the layout of torch.save, with config and tokenizer. lora, dora: an
adapter of the model in the layout of PEFT, with a random update of every FFN matrix whose norm is
UPDATE of that of the matrix; for dora also row lengths that differ from the model's by a few
percent. Needs numpy, but neither torch nor peft.
"""
import json
import pathlib
import shutil
import struct
import sys
import zipfile

import numpy as np

import quantise

RANK, ALPHA, UPDATE = 8, 16, 0.1
STORAGES = {"BF16": ("BFloat16Storage", 2), "F32": ("FloatStorage", 4)}


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def numbers(values):
    return b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", value) for value in values) + b"t"


def pickled_tensor(key, dtype, shape):
    """torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, {})."""
    kind, _ = STORAGES[dtype]
    strides = [int(np.prod(shape[i + 1:])) for i in range(len(shape))]
    storage = (b"(" + text("storage") + b"ctorch\n" + kind.encode() + b"\n" + text(key)
               + text("cpu") + numbers([int(np.prod(shape))])[1:-1] + b"tQ")
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + numbers(shape)
            + numbers(strides) + b"\x89}tR")


def write_archive(path, name, pickle, storages):
    """The storages have the keys 0, 1, ..."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{name}/data.pkl", pickle)
        archive.writestr(f"{name}/byteorder", "little")
        for key, data in enumerate(storages):
            archive.writestr(f"{name}/data/{key}", data)
        archive.writestr(f"{name}/version", "3\n")


def write_torch(source, out):
    tensors = list(quantise.read_model(source / "model.safetensors"))
    pickle = b"\x80\x02}"
    for key, (name, dtype, shape, _) in enumerate(tensors):
        pickle += text(name) + pickled_tensor(str(key), dtype, shape) + b"s"
    write_archive(out / "pytorch_model.bin", "pytorch_model", pickle + b".",
                  [data for _, _, _, data in tensors])
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(source / name, out)


def adapted(weights, rng, with_lengths):
    """A, B and perhaps the row lengths of an update with UPDATE times the norm of the matrix."""
    rows, columns = weights.shape
    a = rng.standard_normal((RANK, columns), np.float32)
    b = rng.standard_normal((rows, RANK), np.float32)
    size = np.linalg.norm(weights) / np.sqrt(RANK * rows * columns)
    b *= UPDATE * size * RANK / ALPHA
    parts = {"lora_A.weight": a, "lora_B.weight": b}
    if with_lengths:
        lengths = np.linalg.norm(weights + ALPHA / RANK * (b @ a), axis=1)
        parts["lora_magnitude_vector"] = lengths * rng.uniform(0.95, 1.05, rows)
    return parts


def write_adapter(source, out, with_lengths):
    rng, tensors = np.random.default_rng(5), []
    for name, _, shape, data in quantise.read_model(source / "model.safetensors"):
        if ".mlp." not in name:
            continue
        bits = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        parts = adapted(bits.view("<f4").reshape(shape), rng, with_lengths)
        module = "base_model.model." + name.removesuffix("weight")
        tensors += [(module + part, *quantise.part("F32", array)) for part, array in parts.items()]
    quantise.write_model(out / "adapter_model.safetensors", tensors)
    config = {"peft_type": "LORA", "r": RANK, "lora_alpha": ALPHA, "use_dora": with_lengths,
              "target_modules": ["gate_proj", "up_proj", "down_proj"]}
    (out / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")


PACKINGS = {
    "torch": write_torch,
    "lora": lambda source, out: write_adapter(source, out, False),
    "dora": lambda source, out: write_adapter(source, out, True),
}


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in PACKINGS:
        sys.exit(f"usage: repack.py MODEL OUT PACKING, one of {', '.join(PACKINGS)}")
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir()
    PACKINGS[sys.argv[3]](pathlib.Path(sys.argv[1]), folder)
