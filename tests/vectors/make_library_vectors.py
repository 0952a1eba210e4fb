#!/usr/bin/env python3
"""Adds to tests/vectors/quantised/ what torchao, optimum-quanto and HQQ themselves save.

make_library_vectors.py MSLK_WHEEL. Each folder has the files as the library writes them for one
layer, and "expected", the f32 values that the library dequantises to. Needs torch, safetensors,
torchao, optimum-quanto and hqq. The int4 quantiser that torchao calls is taken from the wheel of
mslk-cuda, which cannot be imported as a whole without a GPU; it has no dequantisation, so for int4
the values are computed here and compared with the weights.
"""
import json
import pathlib
import shutil
import sys
import types
import zipfile

import torch
from safetensors.torch import save_file

from make_quantised_vectors import GROUP, IN, OUT, TOP, matrix, version


# The differential test writes other shapes to another folder.
PLACE = {"folder": TOP, "shape": (OUT, IN), "seed": 1}


def weights_of(rows=None):
    out, columns = PLACE["shape"]
    return matrix(rows or out, columns, PLACE["seed"])


def folder_of(case, config):
    folder = PLACE["folder"] / case
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return folder


def torchao_case(case, tensor, expected, made_by, kind):
    """The state dict of one layer, flattened as transformers does."""
    from torchao.prototype.safetensors.safetensors_support import flatten_tensor_state_dict
    config = {"quantization_config": {"quant_method": "torchao",
                                      "quant_type": {"default": {"_type": kind, "_data": {}}}}}
    tensors, metadata = flatten_tensor_state_dict({"layer.weight": tensor})
    tensors = {name: value.contiguous() for name, value in tensors.items()}
    tensors["expected"] = expected.float().contiguous().clone()
    save_file(tensors, folder_of(case, config) / "model.safetensors",
              {**metadata, "made_by": made_by})


def mslk_quantiser(wheel):
    """mslk/quantize/shuffle.py; the module of GPU kernels that it imports is left out."""
    for name in ("mslk", "mslk.quantize", "mslk.quantize.triton",
                 "mslk.quantize.triton.fp8_quantize"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["mslk.quantize.triton.fp8_quantize"].quantize_fp8_row = None
    module = types.ModuleType("mslk.quantize.shuffle")
    with zipfile.ZipFile(wheel) as archive:
        exec(archive.read("mslk/quantize/shuffle.py"), module.__dict__)
    return module


def torchao():
    """All that needs torchao alone."""
    from torchao.quantization import Int8Tensor, IntxUnpackedToInt8Tensor, Float8Tensor
    from torchao.quantization import MappingType, PerGroup, PerRow, PerTensor
    made_by = version("torchao")
    for name, granularity, mapping in (
            ("rows", PerRow(), MappingType.SYMMETRIC), ("one", PerTensor(), MappingType.SYMMETRIC),
            ("group-zeros", PerGroup(GROUP), MappingType.ASYMMETRIC)):
        tensor = Int8Tensor.from_hp(weights_of(), granularity, mapping)
        torchao_case(f"torchao-int8-{name}", tensor, tensor.dequantize(), made_by,
                     "Int8WeightOnlyConfig")
    for name, mapping in (("symmetric", MappingType.SYMMETRIC), ("zeros", MappingType.ASYMMETRIC)):
        tensor = IntxUnpackedToInt8Tensor.from_hp(weights_of(), (1, GROUP), torch.int4,
                                                  mapping_type=mapping)
        torchao_case(f"torchao-intx4-{name}", tensor, tensor.dequantize(), made_by,
                     "IntxWeightOnlyConfig")
    for name, granularity in (("rows", PerRow()), ("one", PerTensor())):
        tensor = Float8Tensor.from_hp(weights_of(), granularity=granularity)
        torchao_case(f"torchao-fp8-{name}", tensor, tensor.dequantize(), made_by,
                     "Float8WeightOnlyConfig")


def torchao_int4(wheel):
    from torchao.quantization import Int4Tensor
    shuffle = mslk_quantiser(wheel)
    for name, rows, prescaled in (("", OUT, False), ("-prescaled", OUT, True),
                                  ("-square", IN // GROUP, False)):
        weights = matrix(rows)
        codes, scale, zero = shuffle.int4_row_quantize_zp(weights, GROUP)
        inputs = torch.rand(IN, generator=torch.Generator().manual_seed(8)) + 0.5
        tensor = Int4Tensor(shuffle.pack_int4(codes), scale, zero, [1, GROUP], weights.shape,
                            act_pre_scale=inputs if prescaled else None)

        def spread(values):
            return values.t().repeat_interleave(GROUP, 1)

        expected = codes.float() * spread(scale) + spread(zero)
        assert ((expected - weights).abs() <= spread(scale) * 0.501).all()
        torchao_case(f"torchao-int4{name}", tensor, expected * inputs if prescaled else expected,
                     f"{version('torchao')}, {'-'.join(wheel.name.split('-')[:2])}, "
                     "values by the formula of specs/quantised.md", "Int4WeightOnlyConfig")


def quanto():
    from optimum import quanto as q
    made_by = version("optimum-quanto")
    out, columns = PLACE["shape"]
    wide = (out + 8, 2 * columns)  # groups are used above 128 columns
    for name, kind, shape in (("int8", q.qint8, (out, columns)),
                              ("fp8", q.qfloat8, (out, columns)), ("int4", q.qint4, wide),
                              ("int2", q.qint2, wide), ("int4-whole", q.qint4, (15, 96))):
        model = torch.nn.Sequential()
        layer = torch.nn.Linear(shape[1], shape[0], bias=False)
        layer.weight.data = matrix(*shape, PLACE["seed"])
        model.add_module("layer", layer)
        q.quantize(model, weights=kind)
        q.freeze(model)
        tensors = {key: value.contiguous() for key, value in model.state_dict().items()}
        tensors["expected"] = model.layer.weight.dequantize().detach().float().contiguous()
        save_file(tensors, folder_of(f"quanto-{name}", {"hidden_size": shape[1]})
                  / "model.safetensors", {"made_by": made_by})


def hqq():
    """qmodel.pt: a dictionary of modules, as AutoHQQHFModel.save_quantized writes it."""
    from hqq.core.quantize import BaseQuantizeConfig, HQQLinear
    from hqq.models.base import BaseHQQModel
    out, columns = 4 * PLACE["shape"][0], PLACE["shape"][1]
    for bits, axis, floats in ((4, 1, False), (8, 1, False), (3, 1, False), (2, 0, False),
                               (4, 1, True)):
        layer = torch.nn.Linear(columns, out, bias=False)
        layer.weight.data = matrix(out, columns, PLACE["seed"])
        quantised = HQQLinear(layer, BaseQuantizeConfig(nbits=bits, group_size=64, axis=axis,
                                                        view_as_float=floats),
                              compute_dtype=torch.float32, device="cpu")
        model = torch.nn.Module()
        model.layer = quantised
        model.expected = torch.nn.LayerNorm(columns, bias=False)
        model.expected.weight.data = quantised.dequantize().float()
        weights = {name: dict(module.state_dict())
                   for name, module in (("layer", quantised), ("expected", model.expected))}
        assert weights["layer"].keys() >= {"W_q", "scale", "zero", "shape", "nbits"}
        folder = folder_of(f"hqq-qmodel-{bits}bit-axis{axis}{'-floats' if floats else ''}", {})
        BaseHQQModel.save_weights(weights, folder)


if __name__ == "__main__":
    torchao()
    torchao_int4(pathlib.Path(sys.argv[1]))
    quanto()
    hqq()
