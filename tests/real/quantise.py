#!/usr/bin/env python3
"""Quantises a bf16 safetensors folder by rounding to nearest: quantise.py MODEL OUT FORMAT.

Each format of FORMATS is written as its library stores it (specs/quantised.md). Norms stay bf16,
and so does the embedding, except with MLX, whose converter quantises it too. Needs numpy.
For tests of reading; the quantisation is not a good one.
"""
import json
import pathlib
import shutil
import sys

import numpy as np

from formats import newer
from formats.parts import (E2M1, GROUP, asymmetric, e4m3_values, nearest, pack, part, read_model,
                           write_model)


def fp8_block(weights):
    out, columns = weights.shape
    blocks = (-(-out // 128), -(-columns // 128))
    padded = np.zeros((blocks[0] * 128, blocks[1] * 128), "<f4")
    padded[:out, :columns] = weights
    tiles = padded.reshape(blocks[0], 128, blocks[1], 128)
    scale = (np.abs(tiles).max((1, 3)) / 448).astype("<f4")
    codes = nearest(tiles / scale[:, None, :, None], e4m3_values(), 128).reshape(padded.shape)
    return {"weight": part("F8_E4M3", codes[:out, :columns]),
            "weight_scale_inv": part("F32", scale)}


def fp8_rows(weights):
    scale = np.abs(weights).max(1, keepdims=True) / 448
    return {"weight": part("F8_E4M3", nearest(weights / scale, e4m3_values(), 128)),
            "weight_scale": part("F32", scale)}


def gptq(weights, bits=4, order=None):
    columns = weights.shape[1]
    places = np.arange(columns) // GROUP
    if order is not None:
        places = places[np.argsort(order(columns))]
    by_group = np.argsort(places, kind="stable")
    codes, scale, zero = asymmetric(weights[:, by_group], bits)
    codes = codes[:, np.argsort(by_group)]
    return {"qweight": part("I32", pack(codes, bits).T.view("<i4")),
            "qzeros": part("I32", pack((zero.T - 1) % 2**bits, bits).view("<i4")),
            "scales": part("F16", scale.T), "g_idx": part("I32", places)}


def gptq_ordered(weights):
    return gptq(weights, order=lambda n: np.random.default_rng(1).permutation(n))


def awq(weights):
    codes, scale, zero = asymmetric(weights, 4)

    def words(values):
        mixed = values.reshape(values.shape[0], -1, 8)[:, :, [0, 2, 4, 6, 1, 3, 5, 7]]
        return part("I32", pack(mixed.reshape(values.shape), 4).view("<i4"))

    return {"qweight": words(codes.T), "qzeros": words(zero.T), "scales": part("F16", scale.T)}


def compressed(weights):
    parts = weights.reshape(weights.shape[0], -1, GROUP)
    scale = np.maximum(np.abs(parts).max(2) / 7.5, 1e-7).astype("<f2").astype("<f4")
    codes = np.rint(parts / scale[..., None]).clip(-8, 7).reshape(weights.shape) + 8
    return {"weight_packed": part("I32", pack(codes, 4).view("<i4")),
            "weight_scale": part("F16", scale), "weight_shape": part("I64", weights.shape)}


def int8_rows(weights):
    scale = np.abs(weights).max(1, keepdims=True) / 127
    return {"weight": part("I8", np.rint(weights / scale)), "weight_scale": part("F32", scale)}


def bitsandbytes_int8(weights):
    scale = np.abs(weights).max(1)
    return {"weight": part("I8", np.rint(weights / scale[:, None] * 127)),
            "SCB": part("F32", scale), "weight_format": part("U8", np.array(0))}


def nf4(weights):
    table = np.array([-1, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343,
                      -0.09105004, 0, 0.0795803, 0.1609302, 0.2461123, 0.33791524, 0.44070983,
                      0.562617, 0.72295684, 1], "<f4")
    blocks = weights.reshape(-1, 64)
    absmax = np.abs(blocks).max(1)
    codes = np.searchsorted((table[1:] + table[:-1]) / 2, blocks / absmax[:, None]).reshape(-1)
    state = {"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16",
             "shape": list(weights.shape)}
    document = np.frombuffer(json.dumps(state).encode(), np.uint8)
    return {"weight": part("U8", (codes[::2] << 4 | codes[1::2])[:, None]),
            "weight.absmax": part("F32", absmax), "weight.quant_map": part("F32", table),
            "weight.quant_state.bitsandbytes__nf4": part("U8", document)}


def nvfp4(weights):
    parts = weights.reshape(weights.shape[0], -1, 16)
    overall = np.float32(448 * 6 / np.abs(weights).max())
    scale_codes = nearest(np.abs(parts).max(2) / 6 * overall, e4m3_values(), 128)
    scale = np.maximum(e4m3_values()[scale_codes], 2.0**-9) / overall
    codes = nearest(parts / scale[..., None], E2M1, 8).reshape(weights.shape)
    return {"weight_packed": part("U8", codes[:, ::2] | codes[:, 1::2] << 4),
            "weight_scale": part("F8_E4M3", np.maximum(scale_codes, 1)),
            "weight_global_scale": part("F32", np.array([overall]))}


def mxfp4(weights):
    parts = weights.reshape(weights.shape[0], -1, 32)
    power = np.floor(np.log2(np.abs(parts).max(2))) - 2
    codes = nearest(parts / 2.0 ** power[..., None], E2M1, 8).reshape(weights.shape)
    return {"weight_packed": part("U8", codes[:, ::2] | codes[:, 1::2] << 4),
            "weight_scale": part("U8", power + 127)}


def hqq(weights):
    codes, scale, zero = asymmetric(weights, 4)
    flat = codes.astype(np.uint8).reshape(-1, GROUP)
    half = len(flat) // 2
    text = np.frombuffer(b"4bit_u8", np.uint8)
    return {"W_q": part("U8", flat[:half] << 4 | flat[half:]),
            "scale": part("F16", scale.reshape(-1, 1)), "zero": part("F16", zero.reshape(-1, 1)),
            "shape": part("I64", weights.shape), "packing": part("U8", text),
            "group_size": part("I32", np.array(GROUP)), "axis": part("I32", np.array(1)),
            "nbits": part("I32", np.array(4))}


def mlx(weights, bits=4):
    codes, scale, zero = asymmetric(weights, bits)
    return {"weight": part("U32", pack(codes, bits)), "scales": part("F16", scale),
            "biases": part("F16", -zero * scale)}


def torchao_int4(weights):
    codes, scale, zero = asymmetric(weights, 4)
    both = (codes.astype(np.int64) - 8).reshape(weights.shape[0], -1, 2) & 15
    bias = (8 - zero) * scale
    return {"_weight_qdata": part("I8", (both[:, :, 0] | both[:, :, 1] << 4).astype(np.uint8)
                                  .view(np.int8)),
            "_weight_scale": part("F32", scale.T), "_weight_zero_point": part("F32", bias.T)}


def torchao_int8(weights):
    scale = np.abs(weights).max(1, keepdims=True) / 127
    return {"_weight_qdata": part("I8", np.rint(weights / scale)),
            "_weight_scale": part("F32", scale),
            "_weight_zero_point": part("I8", np.zeros_like(scale))}


def quanto_int4(weights):
    codes, scale, zero = asymmetric(weights, 4)
    rows = codes.astype(np.uint8).reshape(-1, GROUP)
    half = len(rows) // 2
    return {"weight._data._data": part("U8", rows[:half] | rows[half:] << 4),
            "weight._scale": part("F32", scale.reshape(-1, 1)),
            "weight._shift": part("F32", (zero * scale).reshape(-1, 1)),
            "input_scale": part("F32", np.ones(())), "output_scale": part("F32", np.ones(()))}


def quanto_int8(weights):
    scale = np.abs(weights).max(1, keepdims=True) / 127
    return {"weight._data": part("I8", np.rint(weights / scale)),
            "weight._scale": part("F32", scale)}


# name: maker, quantization_config
FORMATS = {
    "fp8-block": (fp8_block, {"quant_method": "fp8", "weight_block_size": [128, 128]}),
    "fp8-rows": (fp8_rows, {"quant_method": "fbgemm_fp8"}),
    "gptq-8bit": (lambda w: gptq(w, 8), {"quant_method": "gptq", "bits": 8}),
    "gptq-4bit": (gptq, {"quant_method": "gptq", "bits": 4, "group_size": GROUP}),
    "gptq-4bit-ordered": (gptq_ordered, {"quant_method": "gptq", "bits": 4, "desc_act": True}),
    "gptq-2bit": (lambda w: gptq(w, 2), {"quant_method": "gptq", "bits": 2}),
    "awq": (awq, {"quant_method": "awq", "bits": 4, "group_size": GROUP, "version": "gemm"}),
    "compressed-4bit": (compressed, {"quant_method": "compressed-tensors"}),
    "compressed-int8": (int8_rows, {"quant_method": "compressed-tensors"}),
    "compressed-nvfp4": (nvfp4, {"quant_method": "compressed-tensors"}),
    "compressed-mxfp4": (mxfp4, {"quant_method": "compressed-tensors"}),
    "bitsandbytes-nf4": (nf4, {"quant_method": "bitsandbytes", "load_in_4bit": True}),
    "bitsandbytes-int8": (bitsandbytes_int8, {"quant_method": "bitsandbytes"}),
    "hqq-4bit": (hqq, {"quant_method": "hqq"}),
    "torchao-int4": (torchao_int4, {"quant_method": "torchao"}),
    "torchao-int8": (torchao_int8, {"quant_method": "torchao"}),
    "quanto-int4": (quanto_int4, {"quant_method": "quanto"}),
    "quanto-int8": (quanto_int8, {"quant_method": "quanto"}),
    "mlx-4bit": (mlx, {"bits": 4, "group_size": GROUP}),
    "mlx-8bit": (lambda w: mlx(w, 8), {"bits": 8, "group_size": GROUP}),
    **newer.FORMATS,
}


def quantise(source, out, name):
    make, config = FORMATS[name]
    out.mkdir()
    tensors = []
    for tensor, dtype, shape, data in read_model(source / "model.safetensors"):
        is_linear = ".mlp." in tensor or ".self_attn." in tensor
        if not is_linear and not (name.startswith("mlx") and "embed_tokens" in tensor):
            tensors.append((tensor, dtype, shape, data))
            continue
        bits = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        made = make(bits.view("<f4").reshape(shape))
        prefix = tensor.removesuffix("weight")
        tensors += [(prefix + suffix, *stored) for suffix, stored in made.items()]
    write_model(out / "model.safetensors", tensors)
    text = json.loads((source / "config.json").read_text(encoding="utf-8"))
    text["quantization_config"] = config
    (out / "config.json").write_text(json.dumps(text), encoding="utf-8")
    shutil.copy(source / "tokenizer.json", out)


if __name__ == "__main__":
    if sys.argv[1:] == ["--formats"]:
        print(" ".join(FORMATS))
        sys.exit()
    if len(sys.argv) != 4 or sys.argv[3] not in FORMATS:
        sys.exit(f"usage: quantise.py MODEL OUT FORMAT, one of {', '.join(FORMATS)}")
    quantise(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3])
