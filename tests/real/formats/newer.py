"""Newer formats of quantise.py: MLX in floats, HQQ in bytes, ModelOpt, sparse matrices, EETQ."""
import numpy as np

from formats.parts import E2M1, GROUP, e4m3_values, nearest, pack, part


def blocks(weights, each):
    return weights.reshape(weights.shape[0], -1, each)


def exponents(parts, top):
    """Powers of two that bring each block below `top`."""
    return np.ceil(np.log2(np.abs(parts).max(2) / top)).clip(-127, 127)


def halves(codes):
    return part("U8", codes[:, ::2] | codes[:, 1::2] << 4)


def mx(weights, table, sign_bit):
    """Codes of floats and exponents for each 32."""
    parts = blocks(weights, 32)
    power = exponents(parts, table[-1])
    codes = nearest(parts / 2.0 ** power[..., None], table, sign_bit).reshape(weights.shape)
    return codes, part("U8", power + 127)


def sixteens(weights, overall):
    """NVFP4: codes, and those of the scales, which are multiplied by `overall`."""
    parts = blocks(weights, 16)
    scale_codes = np.maximum(nearest(np.abs(parts).max(2) / 6 / overall, e4m3_values(), 128), 1)
    scale = e4m3_values()[scale_codes] * overall
    codes = nearest(parts / scale[..., None], E2M1, 8).reshape(weights.shape)
    return codes, part("F8_E4M3", scale_codes)


def mlx_nvfp4(weights):
    codes, scale = sixteens(weights, 1.0)
    return {"weight": part("U32", pack(codes, 4)), "scales": ("U8", *scale[1:])}


def mlx_mxfp8(weights):
    codes, scale = mx(weights, e4m3_values(), 128)
    return {"weight": part("U32", pack(codes, 8)), "scales": scale}


def hqq(weights, bits):
    parts = weights.reshape(-1, GROUP)
    low, high = parts.min(1, keepdims=True), parts.max(1, keepdims=True)
    scale = ((high - low) / (2**bits - 1)).astype("<f2").astype("<f4")
    zero = (-low / scale).astype("<f2").astype("<f4")
    codes = np.rint(parts / scale + zero).clip(0, 2**bits - 1)
    text = np.frombuffer(b"8bit_u8", np.uint8)
    return {"W_q": part("U8", codes), "scale": part("F16", scale), "zero": part("F16", zero),
            "shape": part("I64", weights.shape), "packing": part("U8", text),
            "group_size": part("I64", np.array(GROUP)), "axis": part("I64", np.array(1)),
            "nbits": part("I64", np.array(bits))}


def bf16(values):
    return part("BF16", values.astype("<f4").view("<u4") >> 16)


def larger_two(weights):
    parts = np.abs(weights).reshape(-1, 4)
    places = np.argsort(-parts, 1, kind="stable")[:, :2]
    mask = np.zeros(parts.shape, bool)
    np.put_along_axis(mask, places, True, 1)
    return mask.reshape(weights.shape)


def mask_bits(mask):
    return part("U8", np.packbits(mask, axis=1, bitorder="little"))


def sparse_24(weights):
    mask = larger_two(weights)
    return {"compressed": bf16(weights[mask].reshape(weights.shape[0], -1)),
            "bitmask": mask_bits(mask), "shape": part("I64", np.array(weights.shape)[:, None])}


def sparse_24_fp8(weights):
    mask = larger_two(weights)
    scale = np.abs(weights).max(1, keepdims=True) / 448
    codes = nearest(weights / scale, e4m3_values(), 128)[mask].reshape(weights.shape[0], -1)
    return {**sparse_24(weights), "compressed": part("F8_E4M3", codes),
            "weight_scale": part("F32", scale)}


def sparse(weights):
    mask = np.abs(weights) > np.quantile(np.abs(weights), 0.5)
    counts = mask.sum(1)
    return {"compressed": bf16(weights[mask]), "bitmask": mask_bits(mask),
            "shape": part("I64", np.array(weights.shape)),
            "row_offsets": part("I64", np.cumsum(counts) - counts)}


def modelopt_fp8(weights):
    scale = np.abs(weights).max() / 448
    return {"weight": part("F8_E4M3", nearest(weights / scale, e4m3_values(), 128)),
            "weight_scale": part("F32", np.array(scale))}


def modelopt_mxfp8(weights):
    codes, scale = mx(weights, e4m3_values(), 128)
    return {"weight": part("F8_E4M3", codes), "weight_scale": scale}


def modelopt_mxfp4(weights):
    codes, scale = mx(weights, E2M1, 8)
    return {"weight": halves(codes), "weight_scale": scale}


def modelopt_nvfp4(weights):
    overall = np.float32(np.abs(weights).max() / 448 / 6)
    codes, scale = sixteens(weights, overall)
    return {"weight": halves(codes), "weight_scale": scale,
            "weight_scale_2": part("F32", np.array(overall))}


def modelopt_int4(weights):
    parts = blocks(weights, GROUP)
    scale = np.abs(parts).max(2) / 7
    codes = np.rint(parts / scale[..., None]).clip(-8, 7).reshape(weights.shape)
    codes = codes.astype(np.int64) & 15
    return {"weight": part("U8", codes[::2] | codes[1::2] << 4), "weight_scale": part("F32", scale)}


def mxfp6(weights):
    eighths = np.arange(8) / 8
    table = np.concatenate([eighths, 1 + eighths, 2 + 2 * eighths, 4 + 4 * eighths])
    codes, scale = mx(weights, table, 32)
    four = codes.astype(np.uint32).reshape(weights.shape[0], -1, 4)
    words = (four << np.arange(0, 24, 6, dtype=np.uint32)).sum(2, dtype=np.uint32)
    data = (words[..., None] >> np.arange(0, 24, 8, dtype=np.uint32) & 255)
    return {"weight_packed": part("U8", data.reshape(weights.shape[0], -1)), "weight_scale": scale}


def eetq(weights):
    scale = (np.abs(weights).max(1) / 127).astype("<f2")
    codes = np.rint(weights / scale.astype("<f4")[:, None]).clip(-128, 127) + 128
    order = np.arange(16).reshape(2, 8).T.reshape(-1)  # 0 8 1 9 ...
    tiles = codes.reshape(codes.shape[0] // 2, 2, -1, 4, 16)[..., order]
    data = tiles.transpose(0, 2, 1, 3, 4).reshape(weights.shape[::-1])
    return {"weight": ("I8", *part("U8", data)[1:]), "weight_scales": part("F16", scale)}


COMPRESSED = {"quant_method": "compressed-tensors"}
FORMATS = {
    "mlx-nvfp4": (mlx_nvfp4, {"bits": 4, "group_size": 16, "mode": "nvfp4"}),
    "mlx-mxfp8": (mlx_mxfp8, {"bits": 8, "group_size": 32, "mode": "mxfp8"}),
    "hqq-5bit": (lambda w: hqq(w, 5), {"quant_method": "hqq"}),
    "hqq-6bit": (lambda w: hqq(w, 6), {"quant_method": "hqq"}),
    "compressed-mxfp6": (mxfp6, COMPRESSED),
    "compressed-sparse": (sparse, COMPRESSED),
    "compressed-sparse-24": (sparse_24, COMPRESSED),
    "compressed-sparse-24-fp8": (sparse_24_fp8, COMPRESSED),
    "modelopt-fp8": (modelopt_fp8, {"quant_method": "modelopt"}),
    "modelopt-mxfp8": (modelopt_mxfp8, {"quant_method": "modelopt"}),
    "modelopt-mxfp4": (modelopt_mxfp4, {"quant_method": "modelopt"}),
    "modelopt-nvfp4": (modelopt_nvfp4, {"quant_method": "modelopt"}),
    "modelopt-int4": (modelopt_int4, {"quant_method": "modelopt"}),
    "eetq": (eetq, {"quant_method": "eetq", "weights": "int8"}),
}
