#!/usr/bin/env python3
"""Rotates a bf16 safetensors folder by compressed-tensors itself and rounds it to four bits, as
llm-compressor does with QuIP and SpinQuant's R4: rotate_model.py MODEL OUT quip|spinquant-r4.

Needs torch, numpy and compressed-tensors. Norms and embedding stay bf16.
"""
import json
import pathlib
import shutil
import sys

import numpy as np
import torch
from compressed_tensors.transform import TransformConfig, apply_transform_config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "real"))
import quantise  # noqa: E402

HEAD = ["lm_head"]
DOWN = [r"re:.*down_proj$"]


def use(targets, location, inverse=False, ignore=()):
    return {"targets": targets, "location": location, "inverse": inverse, "ignore": list(ignore)}


def scheme(*uses):
    return {"type": "random-hadamard", "apply": list(uses), "precision": "torch.float64"}


SCHEMES = {
    "quip": {"v": scheme(use(["Linear"], "input", ignore=HEAD),
                         use(["Linear"], "weight_input", True, HEAD)),
             "u": scheme(use(["Linear"], "weight_output", ignore=HEAD),
                         use(["Linear"], "output", True, HEAD))},
    "spinquant-r4": {"R4": scheme(use(DOWN, "input"), use(DOWN, "weight_input", True))},
}


def network(weights):
    """A module tree with a linear layer for each matrix."""
    root = torch.nn.Module()
    for name, values in weights.items():
        *path, leaf = name.split(".")
        at = root
        for part in path:
            if not hasattr(at, part):
                setattr(at, part, torch.nn.Module())
            at = getattr(at, part)
        layer = torch.nn.Linear(values.shape[1], values.shape[0], bias=False)
        layer.weight.data = torch.from_numpy(values)
        setattr(at, leaf, layer)
    return root


def main(source, out, name):
    source, out = pathlib.Path(source), pathlib.Path(out)
    torch.set_num_threads(1)
    kept, linear = [], {}
    for tensor, dtype, shape, data in quantise.read_model(source / "model.safetensors"):
        if tensor.endswith("_proj.weight") and dtype == "BF16":
            bits = np.frombuffer(data, "<u2").astype("<u4") << 16
            linear[tensor.removesuffix(".weight")] = bits.view("<f4").reshape(shape).copy()
        else:
            kept.append((tensor, dtype, shape, data))
    model, config = network(linear), TransformConfig(config_groups=SCHEMES[name])
    apply_transform_config(model, config)
    seen = set()
    for tensor, values in model.state_dict().items():
        if tensor.endswith("_proj.weight"):
            parts = quantise.compressed(values.float().numpy())
            stem = tensor.removesuffix("weight")
            kept += [(stem + leaf, *part) for leaf, part in parts.items()]
        elif values.data_ptr() not in seen:  # a shared matrix is stored once
            kept.append((tensor, "F64", values.shape, values.double().numpy().tobytes()))
        seen.add(values.data_ptr())
    out.mkdir()
    quantise.write_model(out / "model.safetensors", kept)
    shutil.copy(source / "tokenizer.json", out)
    settings = json.loads((source / "config.json").read_text(encoding="utf-8"))
    settings["quantization_config"] = {"quant_method": "compressed-tensors",
                                       "format": "pack-quantized",
                                       "transform_config": config.model_dump(mode="json")}
    (out / "config.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
