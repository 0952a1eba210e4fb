#!/usr/bin/env python3
"""Writes tests/vectors/quantised/: a small quantised matrix per folder, with its exact values.

Each folder has a config.json and a model.safetensors with the tensors of "layer", the f32 values
that the library of the format computes ("expected"), and in the header the version of that library.
Needs torch, numpy, safetensors, and compressed-tensors, bitsandbytes, hqq and transformers for
their formats. "the formula" in a header means that the values were computed here in f32, because
the library needs a GPU.
"""
import importlib.metadata
import json
import pathlib
import shutil

import numpy as np
import torch
from safetensors.torch import save_file

TOP = pathlib.Path(__file__).resolve().parent / "quantised"
OUT, IN, GROUP = 16, 128, 32
FORMULA = "the formula of specs/quantised.md"


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def matrix(out=OUT, columns=IN, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(out, columns, generator=generator) * 0.05


def write(case, tensors, expected, made_by, config=None, name="layer.weight"):
    """`tensors` by their suffix after "layer"; `expected` in the shape of the logical tensor."""
    folder = TOP / case
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stored = {f"layer{key}": value.contiguous().clone() for key, value in tensors.items()}
    stored["expected"] = expected.to(torch.float32).contiguous().clone()
    save_file(stored, folder / "model.safetensors", {"made_by": made_by, "tensor": name})
    text = {"quantization_config": config} if config else {}
    (folder / "config.json").write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


def pack_words(codes, bits):
    """Packs rows of codes into little-endian words, least significant bits first, without gaps."""
    codes = np.asarray(codes).astype(np.uint8)
    planes = np.unpackbits(codes[..., None], axis=-1, bitorder="little")[..., :bits]
    stream = planes.reshape(codes.shape[0], -1)
    stream = np.pad(stream, ((0, 0), (0, -stream.shape[1] % 32)))
    return torch.from_numpy(np.packbits(stream, axis=1, bitorder="little").view(np.int32).copy())


def affine(weights, bits, group, places=None):
    """Codes, scales [out, groups] (f16 values) and integer zero points of asymmetric groups."""
    places = torch.arange(weights.shape[1]) // group if places is None else places
    groups = int(places.max()) + 1
    scale = torch.empty(weights.shape[0], groups)
    zero = torch.empty(weights.shape[0], groups)
    for g in range(groups):
        part = weights[:, places == g]
        low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
        scale[:, g] = ((high - low) / (2**bits - 1)).half().float()
        zero[:, g] = (-low / scale[:, g]).round().clamp(0, 2**bits - 1)
    zero[0, :] = 0  # stored as 2^bits - 1 by the first version of GPTQ
    zero = zero.abs()  # no -0
    codes = (weights / scale[:, places] + zero[:, places]).round().clamp(0, 2**bits - 1).abs()
    return codes, scale, zero, places, (codes - zero[:, places]) * scale[:, places]


def gptq():
    for bits, v2, ordered in ((2, False, False), (3, False, False), (4, False, False),
                              (4, False, True), (4, True, True), (8, False, False)):
        shuffled = torch.arange(IN)[torch.randperm(IN, generator=torch.Generator().manual_seed(3))]
        places = shuffled // GROUP if ordered else torch.arange(IN) // GROUP
        out = 32
        codes, scale, zero, places, expected = affine(matrix(out), bits, GROUP, places)
        stored_zero = zero if v2 else (zero - 1) % 2**bits
        write(f"gptq-{bits}bit{'-v2' if v2 else ''}{'-ordered' if ordered else ''}",
              {".qweight": pack_words(codes, bits).T, ".qzeros": pack_words(stored_zero.T, bits),
               ".scales": scale.T.half(), ".g_idx": places.to(torch.int32)}, expected, FORMULA,
              {"quant_method": "gptq", "bits": bits, "group_size": GROUP, "desc_act": ordered,
               "checkpoint_format": "gptq_v2" if v2 else "gptq"})


def awq():
    codes, scale, zero, _, expected = affine(matrix(), 4, GROUP)
    order = [0, 2, 4, 6, 1, 3, 5, 7]  # which output each half-byte of a word holds

    def pack(values):  # [rows, out]
        values = values.to(torch.int64).reshape(values.shape[0], -1, 8)[:, :, order]
        words = sum(values[:, :, k] << 4 * k for k in range(8))
        return torch.where(words >= 2**31, words - 2**32, words).to(torch.int32)

    write("awq", {".qweight": pack(codes.T), ".qzeros": pack(zero.T), ".scales": scale.T.half()},
          expected, FORMULA, {"quant_method": "awq", "bits": 4, "group_size": GROUP,
                              "version": "gemm", "zero_point": True})


def fp8():
    weights = matrix(140, 136, 5)
    for case, dtype in (("fp8-block", torch.float32), ("fp8-block-bf16", torch.bfloat16)):
        scale = (torch.rand(2, 2, generator=torch.Generator().manual_seed(6)) + 0.5) / 1000
        scale = scale.to(dtype)
        full = scale.float().repeat_interleave(128, 0).repeat_interleave(128, 1)[:140, :136]
        codes = (weights / full).to(torch.float8_e4m3fn)
        write(case, {".weight": codes, ".weight_scale_inv": scale}, codes.float() * full,
              f"{FORMULA} (DeepSeek-V3 weight_dequant)",
              {"quant_method": "fp8", "weight_block_size": [128, 128]})
    weights = matrix(20, 40)
    scale = weights.abs().amax(1, keepdim=True) / 448
    codes = (weights / scale).to(torch.float8_e4m3fn)
    write("fp8-rows", {".weight": codes, ".weight_scale": scale}, codes.float() * scale, FORMULA)
    one = scale.amax()
    codes = (weights / one).to(torch.float8_e5m2)
    write("fp8-one", {".weight": codes, ".weight_scale": one, ".input_scale": one},
          codes.float() * one, FORMULA)


def compressed():
    from compressed_tensors.compressors.pack_quantized.base import PackedQuantizationCompressor
    from compressed_tensors.compressors.naive_quantized.base import IntQuantizationCompressor
    from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
    made_by = version("compressed-tensors")
    for bits, symmetric, ordered in ((4, True, False), (4, False, False), (8, True, False),
                                     (3, False, False), (4, True, True)):
        weights = matrix(seed=bits)
        _, scale, zero, _, _ = affine(weights, bits, GROUP)
        zero = (zero - 2**(bits - 1)).to(torch.int8)
        args = QuantizationArgs(num_bits=bits, symmetric=symmetric, strategy="group",
                                group_size=GROUP)
        scheme = QuantizationScheme(targets=["Linear"], weights=args)
        state = {"weight": weights, "weight_scale": scale}
        if not symmetric:
            state["weight_zero_point"] = zero
        packed = PackedQuantizationCompressor.compress(state, scheme)
        expected = PackedQuantizationCompressor.decompress(packed, scheme)["weight"]
        made = made_by
        if ordered:
            places = torch.randperm(IN, generator=torch.Generator().manual_seed(4)) // GROUP
            packed["weight_g_idx"] = places.to(torch.int32)
            from compressed_tensors.compressors.pack_quantized.helpers import unpack_from_int32
            codes = unpack_from_int32(packed["weight_packed"], bits, weights.shape)
            expected, made = codes.float() * scale[:, places], FORMULA
        kind = "symmetric" if symmetric else "zeros"
        write(f"compressed-{bits}bit-{kind}{'-ordered' if ordered else ''}",
              {f".{key}": value for key, value in packed.items()}, expected, made,
              {"quant_method": "compressed-tensors", "format": "pack-quantized"})
    args = QuantizationArgs(num_bits=8, symmetric=True, strategy="channel")
    scheme = QuantizationScheme(targets=["Linear"], weights=args)
    weights = matrix()
    state = {"weight": weights, "weight_scale": weights.abs().amax(1, keepdim=True) / 127}
    packed = IntQuantizationCompressor.compress(state, scheme)
    expected = IntQuantizationCompressor.decompress(packed, scheme)["weight"]
    write("compressed-int8", {f".{key}": value for key, value in packed.items()}, expected, made_by,
          {"quant_method": "compressed-tensors", "format": "int-quantized"})


def fp4():
    from compressed_tensors.compressors.nvfp4.base import NVFP4PackedCompressor
    from compressed_tensors.compressors.mxfp4.base import MXFP4PackedCompressor
    from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
    made_by = version("compressed-tensors")
    weights = matrix()
    overall = torch.tensor([448 * 6 / float(weights.abs().max())])
    scale = weights.reshape(OUT, -1, 16).abs().amax(2) / 6 * overall
    scale = scale.to(torch.float8_e4m3fn).float()
    args = QuantizationArgs(num_bits=4, type="float", symmetric=True, strategy="tensor_group",
                            group_size=16)
    scheme = QuantizationScheme(targets=["Linear"], weights=args)
    packed = NVFP4PackedCompressor.compress(
        {"weight": weights, "weight_scale": scale, "weight_global_scale": overall}, scheme)
    state = {key: value.to(torch.float8_e4m3fn) if key == "weight_scale" else value
             for key, value in packed.items()}
    values = torch.tensor([0, .5, 1, 1.5, 2, 3, 4, 6, -0., -.5, -1, -1.5, -2, -3, -4, -6])
    both = state["weight_packed"].to(torch.int64)
    codes = values[torch.stack([both & 15, both >> 4], -1).reshape(OUT, IN)]
    ours = codes * (scale / overall).repeat_interleave(16, 1)
    theirs = NVFP4PackedCompressor.decompress(packed, scheme)["weight"].float()
    # The library rounds its result to bf16.
    assert torch.equal(ours.bfloat16(), theirs.bfloat16()), (ours - theirs).abs().max()
    write("compressed-nvfp4", {f".{key}": value for key, value in state.items()}, ours,
          f"{made_by}, its steps in f32",
          {"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"})
    second = 1 / overall[0]
    write("modelopt-nvfp4", {".weight": state["weight_packed"],
                             ".weight_scale": state["weight_scale"], ".weight_scale_2": second},
          codes * (scale * second).repeat_interleave(16, 1), FORMULA, {"quant_method": "modelopt"})
    exponents = 127 + torch.floor(torch.log2(weights.reshape(OUT, -1, 32).abs().amax(2) / 6))
    mx = torch.exp2(exponents - 127)
    expected = codes * mx.repeat_interleave(32, 1)
    write("compressed-mxfp4", {".weight_packed": state["weight_packed"],
                               ".weight_scale": exponents.to(torch.uint8)}, expected, FORMULA,
          {"quant_method": "compressed-tensors", "format": "mxfp4-pack-quantized"})
    del MXFP4PackedCompressor


def mxfp4():
    from transformers.integrations.mxfp4 import convert_moe_packed_tensors
    generator = torch.Generator().manual_seed(9)
    blocks = torch.randint(0, 256, (3, 20, 2, 16), generator=generator).to(torch.uint8)
    scales = torch.randint(110, 130, (3, 20, 2), generator=generator).to(torch.uint8)
    expected = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
    write("mxfp4-experts", {"_blocks": blocks, "_scales": scales}, expected,
          version("transformers"), {"quant_method": "mxfp4"}, "layer")


def bitsandbytes():
    import bitsandbytes.functional as bnb
    made_by = version("bitsandbytes")
    for case, kind, nested, shape, block in (("nf4", "nf4", False, (OUT, IN), 64),
                                             ("nf4-nested", "nf4", True, (90, 192), 64),
                                             ("fp4", "fp4", False, (OUT, IN), 64),
                                             ("nf4-uneven", "nf4", False, (30, 48), 64)):
        codes, state = bnb.quantize_4bit(matrix(*shape), blocksize=block, quant_type=kind,
                                         compress_statistics=nested)
        expected, made = bnb.dequantize_4bit(codes, state), made_by
        if shape[1] % block:
            # Its CPU kernel is wrong for blocks that continue in the next row: the error of its
            # result is three times that of the stored blocks.
            both = codes.flatten().to(torch.int64)
            values = state.code[torch.stack([both >> 4, both & 15], 1).flatten()]
            scale = state.absmax.repeat_interleave(block)[:values.numel()]
            expected, made = (values * scale).reshape(shape), f"{made_by}, values by {FORMULA}"
        parts = {f".weight.{key}": value for key, value in state.as_dict(packed=True).items()}
        write(f"bitsandbytes-{case}", {".weight": codes, **parts}, expected, made,
              {"quant_method": "bitsandbytes", "load_in_4bit": True})
    codes, scale, _ = bnb.int8_vectorwise_quant(matrix().half())
    write("bitsandbytes-int8", {".weight": codes, ".SCB": scale.float(),
                                ".weight_format": torch.tensor(0, dtype=torch.uint8)},
          bnb.int8_vectorwise_dequant(codes, scale), made_by,
          {"quant_method": "bitsandbytes", "load_in_8bit": True})


def hqq():
    from hqq.core.quantize import Quantizer
    from hqq.core.utils import encode_safetensor_type
    for bits, axis, shape, group in ((8, 1, (OUT, IN), 64), (4, 1, (OUT, IN), 64),
                                     (4, 0, (128, 24), 64), (3, 1, (OUT, IN), 64),
                                     (3, 0, (128, 24), 64), (2, 1, (OUT, IN), 32),
                                     (1, 1, (OUT, IN), 32), (4, 1, (40, 48), 64)):
        codes, meta = Quantizer.quantize(matrix(*shape), nbits=bits, group_size=group, axis=axis,
                                         optimize=False, device="cpu", compute_dtype=torch.float32)
        meta["scale"], meta["zero"] = meta["scale"].half(), meta["zero"].half()
        exact = dict(meta, compute_dtype=torch.float32, scale=meta["scale"].float(),
                     zero=meta["zero"].float())
        expected = Quantizer.dequantize(codes, exact)
        parts = {f".{key}": encode_safetensor_type(value) for key, value in meta.items()
                 if value is not None}
        uneven = "-uneven" if shape[1] % group and axis == 1 else ""
        write(f"hqq-{bits}bit-axis{axis}{uneven}", {".W_q": codes, **parts}, expected,
              version("hqq"), {"quant_method": "hqq"})


def mlx():
    for bits in (2, 3, 4, 6, 8):
        codes, scale, zero, _, _ = affine(matrix(), bits, GROUP)
        scale, bias = scale.bfloat16(), (-zero * scale).bfloat16()
        expected = (codes * scale.float().repeat_interleave(GROUP, 1)
                    + bias.float().repeat_interleave(GROUP, 1))
        write(f"mlx-{bits}bit", {".weight": pack_words(codes, bits).view(torch.uint32),
                                 ".scales": scale, ".biases": bias}, expected, FORMULA,
              {"bits": bits, "group_size": GROUP, "mode": "affine"})


if __name__ == "__main__":
    TOP.mkdir(exist_ok=True)
    for make in (gptq, awq, fp8, compressed, fp4, mxfp4, bitsandbytes, hqq, mlx):
        make()
