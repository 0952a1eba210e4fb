"""Reading and writing models, and rounding, for quantise.py. Needs numpy."""
import json
import struct

import numpy as np

GROUP = 64


def read_model(path):
    """Yields (name, dtype, shape, bytes)."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        begin = file.tell()
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            first, last = entry["data_offsets"]
            file.seek(begin + first)
            yield name, entry["dtype"], entry["shape"], file.read(last - first)


def write_model(path, tensors):
    """`tensors`: name, dtype, shape, bytes."""
    header, offset = {}, 0
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": list(shape),
                        "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors:
            file.write(tensor[3])


def part(dtype, array):
    kinds = {"I32": "<i4", "U32": "<u4", "F16": "<f2", "F32": "<f4", "I8": "i1", "U8": "u1",
             "F8_E4M3": "u1", "I64": "<i8", "BF16": "<u2"}
    array = np.ascontiguousarray(array)
    return dtype, array.shape, array.astype(kinds[dtype], copy=False).tobytes()


def pack(codes, bits):
    """Packs rows of codes into words, least significant bits first (`bits` divides 32)."""
    each = 32 // bits
    codes = codes.astype(np.uint32).reshape(codes.shape[0], -1, each)
    return (codes << np.arange(each, dtype=np.uint32) * bits).sum(2, dtype=np.uint64).astype("<u4")


def asymmetric(weights, bits):
    """Codes, scales and integer zero points of groups along the rows."""
    parts = weights.reshape(weights.shape[0], -1, GROUP)
    low, high = np.minimum(parts.min(2), 0), np.maximum(parts.max(2), 0)
    scale = np.maximum((high - low) / (2**bits - 1), 1e-7).astype("<f2").astype("<f4")
    zero = np.rint(-low / scale).clip(0, 2**bits - 1)
    codes = np.rint(parts / scale[..., None] + zero[..., None]).clip(0, 2**bits - 1)
    return codes.reshape(weights.shape), scale, zero


def e4m3_values():
    code = np.arange(127)
    mantissa, exponent = code % 8, code // 8
    return np.where(exponent == 0, mantissa / 512, (1 + mantissa / 8) * 2.0 ** (exponent - 7))


E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])


def nearest(values, table, sign_bit):
    """Codes of the nearest magnitudes in the ascending `table`, with the sign bit."""
    code = np.searchsorted((table[1:] + table[:-1]) / 2, np.abs(values))
    return (code + (values < 0) * sign_bit).astype(np.uint8)
