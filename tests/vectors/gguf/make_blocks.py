#!/usr/bin/env python3
"""Writes blocks.vec: blocks of every GGUF type, and their values as PyPI's `gguf` reads them.

For the types that `gguf` does not decode (Q1_0, Q2_0) they are those of llama.cpp's own functions,
in the library of PyPI's `xllamacpp`.

  make_blocks.py [OUT]

Needs numpy, gguf and xllamacpp. Blocks are pseudo-random bytes (SplitMix64, seeded by the type's
number) whose f16 scales are made finite: bit 10 is cleared, so exponents reach from denormals to
2^15. The first block of each type is written out with its values; of all 64 there is a digest,
BLAKE2b-256 of the values as little-endian float32.
"""
import ctypes
import hashlib
import importlib.metadata
import importlib.util
import pathlib
import sys

import gguf
import numpy as np

BLOCKS = 64
MASK = (1 << 64) - 1
# Where the f16 scales of a block are; IQ1_M has its scale in four nibbles (bit 10 is in byte 53).
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82],
          "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ2_XXS": [0],
          "IQ2_XS": [0], "IQ3_XXS": [0], "IQ1_S": [0], "IQ4_NL": [0], "IQ3_S": [0], "IQ2_S": [0],
          "IQ4_XS": [0], "IQ1_M": [], "TQ1_0": [52], "TQ2_0": [64], "MXFP4": [], "NVFP4": [],
          "Q1_0": [0], "Q2_0": [0]}
# Of llama.cpp: number, elements and bytes of a block.
OF_LLAMA_CPP = {"Q1_0": (41, 128, 18), "Q2_0": (42, 64, 18)}


def split_mix(seed, count):
    """`count` bytes, eight a step, the lowest first."""
    out = bytearray()
    state = seed
    while len(out) < count:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out += (z ^ (z >> 31)).to_bytes(8, "little")
    return out[:count]


def blocks_of(name, kind, size):
    data = split_mix(int(kind), BLOCKS * size)
    for begin in range(0, len(data), size):
        for scale in SCALES[name]:
            data[begin + scale + 1] &= 0xFB
        if name == "IQ1_M":
            data[begin + 53] &= 0xBF
    return bytes(data)


def by_llama_cpp(name, data, elements):
    """The values of blocks by dequantize_row_NAME of llama.cpp."""
    folder = pathlib.Path(importlib.util.find_spec("xllamacpp").origin).parent
    library = ctypes.CDLL(str(next(folder.glob("xllamacpp*.so"))))
    values = np.zeros(data.shape[0] * elements, "<f4")
    function = getattr(library, f"dequantize_row_{name.lower()}")
    function.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int64]
    function(data.tobytes(), values.ctypes.data, values.size)
    return values.reshape(data.shape[0], elements)


def wrapped(key, data):
    """Lines of one value; the reader joins those of one key."""
    text = data.hex()
    return [f"{key}: {text[at:at + 80]}" for at in range(0, len(text), 80)]


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name(
        "blocks.vec")
    version = importlib.metadata.version("gguf")
    other = importlib.metadata.version("xllamacpp")
    lines = [f"# Values by gguf {version} (PyPI), made by make_blocks.py; Q1_0 and Q2_0 by",
             f"# llama.cpp (xllamacpp {other})."]
    for name in SCALES:
        if name in OF_LLAMA_CPP:
            kind, elements, size = OF_LLAMA_CPP[name]
        else:
            kind = gguf.GGMLQuantizationType[name]
            elements, size = gguf.GGML_QUANT_SIZES[kind]
        data = np.frombuffer(blocks_of(name, kind, size), np.uint8).reshape(BLOCKS, size)
        values = (by_llama_cpp(name, data, elements) if name in OF_LLAMA_CPP
                  else gguf.dequantize(data, kind).astype("<f4"))
        if not np.isfinite(values).all():
            raise SystemExit(f"{name}: a value is not finite")
        digest = hashlib.blake2b(values.tobytes(), digest_size=32).hexdigest()
        lines += ["", f"[{name}]", f"type: {int(kind)}", f"digest: {digest}",
                  *wrapped("block", data[0].tobytes()), *wrapped("values", values[0].tobytes())]
    out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
