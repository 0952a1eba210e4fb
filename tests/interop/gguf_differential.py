#!/usr/bin/env python3
"""Compares random GGUF files written by the package gguf with the output of `weightmark inspect`.

gguf_differential.py [PATH/TO/weightmark]. The files have keys of every type, lists, tensors of
every type that both programs support, alignments from 8 to 4096, versions 2 and 3, one file or
several. Names, types and shapes must be equal; values are compared by the unit tests on vectors.
Needs the Python packages gguf and numpy, here or in the environment of tests/real/prepare.py.
"""
import pathlib
import random
import struct
import sys

import differential

sys.path.insert(0, str(differential.TOP / "tests" / "real"))
import prepare  # noqa: E402

CLAIM = "interop: inspect lists random files of the gguf package correctly"
WIDTH, FFN, LAYERS = 256, 256, 2
ALIGNMENTS = [8, 16, 32, 64, 256, 4096]
PLAIN = ["F32", "F16", "BF16"]
BLOCKS = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
          "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ1_S", "IQ1_M", "IQ4_NL", "IQ4_XS",
          "TQ1_0", "TQ2_0", "MXFP4", "NVFP4"]
CARRIED = ["I8", "I16", "I32", "I64", "F64"]


def random_text(rng):
    letters = "ab \u2581\u0120\u00e9\u4e2d\U0001f600\n\"\\"
    return "".join(rng.choice(letters) for _ in range(rng.randrange(12)))


def add_keys(writer, rng):
    """A key for every type of value, and lists."""
    number = [("uint8", 0, 255), ("int8", -128, 127), ("uint16", 0, 65535), ("int16", -9, 9),
              ("uint32", 0, 2**32 - 1), ("int32", -2**31, 2**31 - 1), ("uint64", 0, 2**64 - 1),
              ("int64", -2**63, 2**63 - 1)]
    for kind, low, high in rng.sample(number, len(number)):
        getattr(writer, f"add_{kind}")(f"test.{kind}", rng.randint(low, high))
    writer.add_float32("test.float32", rng.gauss(0, 1))
    writer.add_float64("test.float64", rng.gauss(0, 1))
    writer.add_bool("test.bool", rng.random() < 0.5)
    writer.add_string("test.string", random_text(rng))
    lists = [[rng.randint(-9, 9)], [rng.random(), 1.0], [True, False],
             [random_text(rng) for _ in range(rng.randint(1, 5))]]
    for place, values in enumerate(lists):
        writer.add_array(f"test.list.{place}", values)


def blocks(gguf, numpy, rng, kind, rows, columns):
    """`rows` rows of random bytes as blocks of this type."""
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    return numpy.frombuffer(rng.randbytes(rows * columns // elements * size),
                            numpy.uint8).reshape(rows, -1)


def add_matrix(gguf, numpy, writer, rng, name, rows, columns):
    kind = rng.choice(PLAIN + [kind for kind in BLOCKS
                               if columns % gguf.GGML_QUANT_SIZES[
                                   gguf.GGMLQuantizationType[kind]][0] == 0])
    stored = gguf.GGMLQuantizationType[kind]
    data = blocks(gguf, numpy, rng, stored, rows, columns)
    if kind in ("F32", "F16"):
        data = numpy.zeros((rows, columns), {"F32": "<f4", "F16": "<f2"}[kind])
    writer.add_tensor(name, data, raw_dtype=stored)
    return kind, [rows, columns]


def add_tensors(gguf, numpy, writer, rng):
    """A small Llama and tensors that no naming rule knows; returns type and shape by name."""
    listed = {}

    def matrix(name, rows, columns):
        listed[name] = add_matrix(gguf, numpy, writer, rng, name, rows, columns)

    matrix("token_embd.weight", rng.choice([5, 32]), WIDTH)
    for layer in range(LAYERS):
        matrix(f"blk.{layer}.ffn_gate.weight", FFN, WIDTH)
        matrix(f"blk.{layer}.ffn_up.weight", FFN, WIDTH)
        matrix(f"blk.{layer}.ffn_down.weight", WIDTH, FFN)
        writer.add_tensor(f"blk.{layer}.ffn_norm.weight", numpy.ones(WIDTH, "<f4"))
        listed[f"blk.{layer}.ffn_norm.weight"] = ("F32", [WIDTH])
    for place in range(rng.randrange(4)):
        name, kind = f"extra \u00e9.{place}", rng.choice(CARRIED)
        shape = [rng.randint(1, 4) for _ in range(rng.randint(1, 4))]
        size = {"I8": 1, "I16": 2, "I32": 4}.get(kind, 8)
        dtype = ("f8" if kind == "F64" else f"i{size}")
        writer.add_tensor(name, numpy.zeros(shape, dtype))
        listed[name] = (kind, shape)
    return listed


def write(gguf, numpy, folder, seed):
    rng = random.Random(seed)
    many = rng.random() < 0.3
    writer = gguf.GGUFWriter(folder / "model.gguf", "llama",
                             split_max_tensors=rng.randint(2, 9) if many else 0)
    # The package pads later parts by a key that only the first one has; readers would refuse them.
    writer.add_custom_alignment(32 if many else rng.choice(ALIGNMENTS))
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    add_keys(writer, rng)
    listed = add_tensors(gguf, numpy, writer, rng)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    files = sorted(folder.glob("*.gguf"))
    if rng.random() < 0.4:
        for file in files:  # versions 2 and 3 differ only in their number
            with open(file, "r+b") as out:
                out.seek(4)
                out.write(struct.pack("<I", 2))
    return files, listed


def compare(program, folder, gguf, numpy, seed):
    files, listed = write(gguf, numpy, folder, seed)
    by_reader = {}
    for file in files:
        for tensor in gguf.GGUFReader(file).tensors:
            shape = [int(extent) for extent in reversed(tensor.shape)]
            by_reader[tensor.name] = (tensor.tensor_type.name, shape)
    if by_reader != listed:
        return "the package reads other tensors than it wrote"
    said = differential.inspected(program, files[-1])
    if said["files"] != len(files):
        return f"{said['files']} files of {len(files)}"
    return differential.difference(said, listed, "gguf")


if __name__ == "__main__":
    differential.main(CLAIM, ["gguf", "numpy"], compare, prepare.environment)
