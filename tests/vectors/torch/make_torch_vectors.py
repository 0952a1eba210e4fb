#!/usr/bin/env python3
"""Writes the PyTorch files of this folder and torch.vec, which says what must be read from them.

make_torch_vectors.py [FOLDER]. Needs torch; the version that made what lies here stands in the
head of torch.vec. torch.vec has a case for each file; a line `tensor NAME: TYPE SHAPE HEX` gives
type and shape as `inspect` prints them and the bytes that reading gives: those stored, or the
floats where the tensor lies in strides.
"""
import collections
import pathlib
import sys

import torch

TYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2",
    torch.float8_e4m3fnuz: "F8_E4M3FNUZ", torch.float8_e5m2fnuz: "F8_E5M2FNUZ",
    torch.float8_e8m0fnu: "F8_E8M0", torch.int64: "I64", torch.int32: "I32", torch.int16: "I16",
    torch.int8: "I8", torch.uint8: "U8", torch.uint16: "U16", torch.uint32: "U32",
    torch.uint64: "U64", torch.bool: "BOOL", torch.complex64: "C64"}


def numbers(*shape, dtype=torch.float32):
    """Small numbers, all different, that every floating type holds exactly."""
    count = 1
    for extent in shape:
        count *= extent
    return (torch.arange(count, dtype=torch.float32) / 4 - 3).reshape(shape).to(dtype)


def dtypes():
    out = {}
    for dtype, name in TYPES.items():
        if dtype.is_floating_point or dtype.is_complex:
            out[name] = numbers(2, 3).abs().add(0.25).to(dtype) if name == "F8_E8M0" else \
                numbers(2, 3).to(dtype)
        else:
            out[name] = torch.arange(6).reshape(2, 3).to(dtype)
    return out


def views():
    base, cube = numbers(6, 8, dtype=torch.bfloat16), numbers(3, 4, 5)
    return {
        "transposed": base.t(),
        "rows": base[2:5], "columns": base[:, 3:7], "column": base[:, 2:3],
        "steps": base[1::2, ::3], "transposed_slice": base[1:5, 2:].t(),
        "permuted": cube.permute(2, 0, 1), "permuted_inside": cube.permute(0, 2, 1),
        "cube_slice": cube[:, 1:3, 1:4], "vector_steps": cube.reshape(-1)[3::7],
        "one_by_n": base.t()[2:3], "double": numbers(3, 4, dtype=torch.float64).t(),
        "whole_numbers": torch.arange(12).reshape(3, 4).t()}


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.up = torch.nn.Linear(4, 6)
        self.norm = torch.nn.LayerNorm(4)
        self.register_buffer("steps", torch.tensor(7))


def module():
    torch.manual_seed(7)
    model = torch.nn.Module()
    model.embed = torch.nn.Embedding(5, 4)
    model.layers = torch.nn.ModuleList([Block(), Block()])
    model.head = torch.nn.Linear(4, 5, bias=False)
    model.head.weight = model.embed.weight
    return model.state_dict()


def parameters():
    plain, named = torch.nn.Parameter(numbers(2, 2)), torch.nn.Parameter(numbers(2, 3))
    named.is_special = True
    tagged = numbers(3)
    tagged.note = "an attribute"
    return {"plain": plain, "named": named, "tagged": tagged}


def odd():
    return {"scalar": torch.tensor(1.5), "empty": torch.zeros(0, 3), "none": torch.zeros(2, 0, 5),
            "empty_view": numbers(4, 4)[:, 4:], "one": torch.tensor([[2.0]]).t(),
            "näme": numbers(2)}


def wrapped():
    model = {"w": numbers(2, 2), "b": numbers(2)}
    return {"epoch": 3, "loss": 0.25, "big": 1 << 80, "bytes": b"raw", "set": {1, 2},
            "shape": torch.Size([2, 2]), "dtype": torch.bfloat16, "device": torch.device("cpu"),
            "nothing": None, "list": [1, (2, 3), "x"], "rng": torch.zeros(16, dtype=torch.uint8),
            "optimizer": {"state": {0: {"exp_avg": numbers(2, 2)}}},
            "ema": dict(model), "model": model}


FILES = {
    "dtypes.pt": (dtypes, 2, None), "views.pt": (views, 2, None), "module.pt": (module, 2, None),
    "parameters.pt": (parameters, 2, None), "odd.pt": (odd, 2, None),
    "wrapped.pt": (wrapped, 2, "model"), "protocol3.pt": (wrapped, 3, "model"),
    "protocol4.pt": (wrapped, 4, "model"), "protocol5.pt": (module, 5, None)}


def raw(tensor):
    if tensor.numel() == 0:
        return b""
    return bytes(tensor.contiguous().reshape(-1).view(torch.uint8).tolist())


def described(name, tensor):
    tensor = tensor.detach()
    kind, value = TYPES[tensor.dtype], tensor
    if not tensor.is_contiguous():
        if not tensor.dtype.is_floating_point:
            return None
        kind, value = "F32", tensor.to(torch.float32)
    value = value.reshape(1) if value.dim() == 0 else value
    return f"tensor {name}: {kind} {list(tensor.shape)} {raw(value).hex()}".rstrip()


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    lines = [f"# Made by make_torch_vectors.py with torch {torch.__version__}."]
    for file, (make, protocol, key) in FILES.items():
        content = make()
        torch.save(content, folder / file, pickle_protocol=protocol)
        tensors = content[key] if key else content
        assert isinstance(tensors, (dict, collections.OrderedDict))
        lines += ["", f"[{file}]"]
        lines += [line for n, t in tensors.items() if (line := described(n, t))]
    (folder / "torch.vec").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
