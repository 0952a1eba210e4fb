#!/usr/bin/env python3
"""Makes logits: make_logits.py MODEL OUT.npy [ROWS].

Random hidden states times the tied head of a model that make_model.py made (one bf16 safetensors
file), as float32. The same arguments give the same bytes. For transcripts; standard library only.
"""
import json
import operator
import pathlib
import random
import struct
import sys


def embedding(folder):
    """Rows of the embedding, as lists of floats."""
    data = (pathlib.Path(folder) / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    entry = json.loads(data[8:8 + length])["model.embed_tokens.weight"]
    rows, width = entry["shape"]
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    words = struct.unpack(f"<{rows * width}H", data[begin:end])
    floats = struct.unpack(f"<{rows * width}f",
                           struct.pack(f"<{rows * width}I", *(word << 16 for word in words)))
    return [floats[row * width:(row + 1) * width] for row in range(rows)]


def main():
    head = embedding(sys.argv[1])
    texts = int(sys.argv[3]) if len(sys.argv) > 3 else 80
    draw = random.Random(1)
    numbers = []
    for _ in range(texts):
        hidden = [draw.gauss(0, 1) for _ in head[0]]
        numbers += [sum(map(operator.mul, hidden, row)) for row in head]
    header = (f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({texts}, {len(head)}), }}\n")
    pathlib.Path(sys.argv[2]).write_bytes(
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
        struct.pack(f"<{len(numbers)}f", *numbers))


if __name__ == "__main__":
    main()
