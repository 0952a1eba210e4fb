#!/usr/bin/env python3
"""Adds to tests/vectors/quantised/ what MLX, HQQ, ModelOpt, compressed-tensors and EETQ make.

make_tool_vectors.py NAME [FOLDER]: one of the functions below. Each needs torch, safetensors and
the package of its tool. The sparse formats are in older releases of compressed-tensors (0.9.4).
EETQ runs on GPUs only, except for the function that orders the bytes: FOLDER has the tool's source,
of which csrc/cutlass_kernels/cutlass_preprocessors.cc is compiled here.
"""
import ctypes
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import save_file

from make_library_vectors import PLACE, folder_of, weights_of
from make_quantised_vectors import FORMULA, version

# The headers of CUTLASS that the function of EETQ includes, as far as it uses them. 64 inputs and
# two outputs: mixed_gemm_B_layout.h of FasterTransformer, compute capability 7.5 and above.
SHIM = r"""
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <vector>
#define FT_CHECK(good) do { if (!(good)) std::abort(); } while (0)
#define FT_CHECK_WITH_INFO(good, ...) FT_CHECK(good)
namespace cutlass {
struct uint4b_t {};
namespace layout {
struct RowMajor {};
struct ColumnMajor {};
template <int Rows, int Columns> struct ColumnMajorTileInterleave {};
}
namespace arch {
struct Sm70 {}; struct Sm75 {}; struct Sm80 {};
struct OpMultiplyAddDequantizeInterleavedBToA {};
}
namespace gemm::kernel {
template <class Type, class Arch> struct LayoutDetailsB {
  using Layout = layout::ColumnMajorTileInterleave<64, std::is_same_v<Type, uint8_t> ? 2 : 4>;
  using Operator = arch::OpMultiplyAddDequantizeInterleavedBToA;
};
}
}
#include "cutlass_preprocessors.cc"
extern "C" void order(int8_t* to, const int8_t* from, size_t rows, size_t columns) {
  fastertransformer::preprocess_weights(to, from, rows, columns, false, 80);
}
"""


def save(case, config, tensors, expected, made_by):
    tensors = {f"layer.{key}": value.contiguous().clone() for key, value in tensors.items()}
    tensors["expected"] = expected.float().contiguous().clone()
    save_file(tensors, folder_of(case, config) / "model.safetensors", {"made_by": made_by})


def mlx_floats():
    import mlx.core as mx
    mx.set_default_device(mx.cpu)
    for mode, group, bits in (("mxfp4", 32, 4), ("mxfp8", 32, 8), ("nvfp4", 16, 4)):
        codes, scales = mx.quantize(mx.array(weights_of().numpy()), mode=mode)
        expected = mx.dequantize(codes, scales, mode=mode, dtype=mx.float32)
        folder = folder_of(f"mlx-{mode}", {"quantization": {"group_size": group, "bits": bits,
                                                            "mode": mode}})
        mx.save_safetensors(str(folder / "model.safetensors"),
                            {"layer.weight": codes, "layer.scales": scales, "expected": expected},
                            {"made_by": version("mlx")})


def hqq_bytes():
    """Bits that HQQ stores in wider codes."""
    from hqq.core.quantize import Quantizer
    from hqq.core.utils import encode_safetensor_type
    for bits, axis in ((6, 1), (5, 1), (5, 0), (1.58, 1)):
        weights = weights_of() if axis == 1 else weights_of().t().contiguous()
        codes, meta = Quantizer.quantize(weights, nbits=bits, group_size=64, axis=axis,
                                         optimize=False, device="cpu", compute_dtype=torch.float32)
        meta["scale"], meta["zero"] = meta["scale"].half(), meta["zero"].half()
        exact = dict(meta, compute_dtype=torch.float32, scale=meta["scale"].float(),
                     zero=meta["zero"].float())
        parts = {key: encode_safetensor_type(value) for key, value in meta.items()
                 if value is not None}
        save(f"hqq-{bits}bit-axis{axis}", {"quantization_config": {"quant_method": "hqq"}},
             {"W_q": codes, **parts}, Quantizer.dequantize(codes, exact), version("hqq"))


def compressed_floats():
    from compressed_tensors.compressors.mxfp6.base import MXFP6PackedCompressor
    from compressed_tensors.compressors.mxfp8.base import MXFP8QuantizationCompressor
    from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
    for name, compressor, bits, top in (("mxfp6", MXFP6PackedCompressor, 6, 7.5),
                                        ("mxfp8", MXFP8QuantizationCompressor, 8, 448)):
        weights = weights_of()
        largest = weights.reshape(weights.shape[0], -1, 32).abs().amax(2)
        args = QuantizationArgs(num_bits=bits, type="float", symmetric=True, strategy="group",
                                group_size=32, scale_dtype=torch.uint8)
        scheme = QuantizationScheme(targets=["Linear"], weights=args)
        packed = compressor.compress({"weight": weights, "weight_scale": torch.exp2(
            torch.ceil(torch.log2(largest / top)))}, scheme)
        config = {"quantization_config": {"quant_method": "compressed-tensors",
                                          "format": f"{name}-quantized"}}
        save(f"compressed-{name}", config, packed,
             compressor.decompress(packed, scheme)["weight"], version("compressed-tensors"))


def sparse():
    from compressed_tensors.compressors.sparse_compressors import sparse_24_bitmask as halves
    from compressed_tensors.compressors.sparse_compressors import sparse_bitmask as any_number
    made_by = version("compressed-tensors")
    weights = weights_of().bfloat16()

    def config(form):
        return {"compression_config": {"quant_method": "compressed-tensors",
                                       "sparsity_config": {"format": form}}}

    found = halves.Sparse24BitMaskTensor.from_dense(weights)
    parts = {key.removeprefix("layer."): value for key, value in found.dict("layer").items()}
    save("compressed-sparse-24", config("sparse-24-bitmask"), parts, found.decompress(), made_by)
    scale = weights.float().abs().amax(1, keepdim=True) / 448
    found = halves.Sparse24BitMaskTensor.from_dense(
        (weights.float() / scale).to(torch.float8_e4m3fn))
    # Its decompression of FP8 needs a GPU: the bytes are spread as those of integers.
    spread = halves.sparse24_bitmask_decompress(found.compressed.view(torch.int8), found.bitmask,
                                                found.shape).view(torch.float8_e4m3fn)
    parts = {key.removeprefix("layer."): value for key, value in found.dict("layer").items()}
    save("compressed-sparse-24-fp8", config("sparse-24-bitmask"),
         {**parts, "weight_scale": scale}, spread.float() * scale, f"{made_by}, {FORMULA}")
    pruned = torch.where(weights.abs() > 0.04, weights, torch.zeros_like(weights))
    pruned[1] = 0
    found = any_number.BitmaskTensor.from_dense(pruned)
    parts = {key.removeprefix("layer."): value for key, value in found.dict("layer").items()}
    save("compressed-sparse", config("sparse-bitmask"), parts, found.decompress(), made_by)


E2M1 = torch.tensor([0, .5, 1, 1.5, 2, 3, 4, 6, -0., -.5, -1, -1.5, -2, -3, -4, -6])


def modelopt_values(state):
    """What the exported tensors stand for, by the formulas of specs/quantised.md."""
    codes, scale = state["weight"], state["weight_scale"]
    if codes.dtype != torch.uint8:
        factors = torch.exp2(scale.float() - 127) if scale.dtype == torch.uint8 else scale
        if factors.ndim == 2:
            factors = factors.repeat_interleave(codes.shape[1] // factors.shape[1], 1)
        return codes.float() * (factors[:, None] if factors.ndim == 1 else factors)
    halves = torch.stack([codes & 15, codes >> 4], -1).to(torch.int64)
    if scale.is_floating_point() and scale.dtype != torch.float8_e4m3fn:
        rows = halves.permute(0, 2, 1).reshape(-1, codes.shape[1])
        values = ((rows + 8) % 16 - 8).float()
        return values * scale.float().repeat_interleave(values.shape[1] // scale.shape[1], 1)
    values = E2M1[halves.reshape(codes.shape[0], -1)]
    factors = (torch.exp2(scale.float() - 127) if scale.dtype == torch.uint8
               else scale.float() * state["weight_scale_2"].float())
    return values * factors.repeat_interleave(values.shape[1] // factors.shape[1], 1)


BLOCKS = {"nvfp4": (16, "NVFP4QTensor"), "mxfp4": (32, "MXFP4QTensor"),
          "mxfp8": (32, "MXFP8QTensor")}


def modelopt():
    """Exported by ModelOpt; its own layer computes with nearly these weights."""
    import modelopt.torch.quantization as mtq
    from modelopt.torch.export.unified_export_hf import _export_quantized_weight
    from modelopt.torch.quantization import qtensor
    out, columns = PLACE["shape"]
    for name, config in (("fp8", "FP8_DEFAULT_CFG"), ("fp8-rows", "FP8_PER_CHANNEL_PER_TOKEN_CFG"),
                         ("int8", "INT8_WEIGHT_ONLY_CFG"), ("nvfp4-exported", "NVFP4_DEFAULT_CFG"),
                         ("int4", "INT4_BLOCKWISE_WEIGHT_ONLY_CFG"),
                         ("mxfp8", "MXFP8_DEFAULT_CFG"), ("mxfp4", "MXFP4_DEFAULT_CFG")):
        wide = 2 * columns if name == "int4" else columns
        model = torch.nn.Sequential()
        model.add_module("layer", torch.nn.Linear(wide, out, bias=False))
        model.layer.weight.data = torch.cat([weights_of(), weights_of()], 1)[:, :wide].contiguous()
        mtq.quantize(model, getattr(mtq, config),
                     lambda m, wide=wide: m(torch.ones(2, wide) / 8))
        weights = model.layer.weight.detach().clone()
        quantiser = model.layer.weight_quantizer
        _export_quantized_weight(model.layer, torch.float32)
        state = {key.removeprefix("layer."): value for key, value in model.state_dict().items()
                 if "quantizer" not in key}
        expected = modelopt_values(state)
        kind = next((kind for kind in BLOCKS if name.startswith(kind)), None)
        if kind:  # its layer computes on GPUs only
            group, tensor = BLOCKS[kind]
            theirs = getattr(qtensor, tensor)(weights.shape, torch.float32, state["weight"])
            theirs = theirs.dequantize(scale=state["weight_scale"], block_sizes={-1: group},
                                       double_scale=state.get("weight_scale_2"))
        else:
            theirs = quantiser(weights).detach().float()
        step = theirs.abs().max() / 7
        assert (expected - theirs).abs().max() < step / 100, (name, (expected - theirs).abs().max())
        save(f"modelopt-{name}", {"quantization_config": {"quant_method": "modelopt"}}, state,
             expected, f"{version('nvidia-modelopt')}, {FORMULA}")


def eetq(source):
    kernels = pathlib.Path(source) / "csrc" / "cutlass_kernels"
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        for header in ("cuda_utils.h", "cutlass_extensions/gemm/kernel/mixed_gemm_B_layout.h"):
            (place / header).parent.mkdir(parents=True, exist_ok=True)
            (place / header).write_text("")
        for file in ("cutlass_preprocessors.h", "cutlass_preprocessors.cc"):
            text = (kernels / file).read_text(encoding="utf-8")
            ordering, *rest = text.split("/*\n    Arguments:")  # the rest quantises
            (place / file).write_text(ordering + "}\n" * bool(rest), encoding="utf-8")
        (place / "shim.cc").write_text(SHIM, encoding="utf-8")
        subprocess.run(["g++", "-std=c++20", "-O1", "-w", "-shared", "-fPIC", "shim.cc", "-o",
                        "order.so"], cwd=place, check=True)
        order = ctypes.CDLL(str(place / "order.so")).order
    weights = torch.cat([weights_of()] * 8)[:128].t().contiguous()[:128]  # [in, out]
    weights = weights * torch.linspace(1, 2, weights.shape[0])[:, None]
    scale = (weights.abs().amax(0) / 127).half()
    codes = (weights / scale.float()).round().clamp(-128, 127).to(torch.int8).contiguous()
    stored = torch.empty_like(codes)
    order(ctypes.c_void_p(stored.data_ptr()), ctypes.c_void_p(codes.data_ptr()),
          ctypes.c_size_t(codes.shape[0]), ctypes.c_size_t(codes.shape[1]))
    save("eetq", {"quantization_config": {"quant_method": "eetq", "weights": "int8"}},
         {"weight": stored, "weight_scales": scale}, codes.t().float() * scale.float()[:, None],
         f"preprocess_weights() of EETQ, {FORMULA}")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
