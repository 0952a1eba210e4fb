#!/usr/bin/env python3
"""Writes tests/vectors/transforms/: modules that compressed-tensors itself rotated.

Each folder has the files as the library would save them for a small network, and for each linear
layer "expected.MODULE", its weights before. Needs torch, safetensors and compressed-tensors.
"""
import json
import pathlib
import shutil
from importlib.metadata import version

import torch
from compressed_tensors.transform import TransformConfig, apply_transform_config
from safetensors.torch import save_file

TOP = pathlib.Path(__file__).parent / "transforms"


def use(targets, location, inverse=False, ignore=()):
    return {"targets": targets, "location": location, "inverse": inverse, "ignore": list(ignore)}


def scheme(kind, *uses, **more):
    return {"type": kind, "apply": list(uses), "precision": "torch.float32", **more}


def both_sides(kind, ignore=("lm_head",), **more):
    """QuIP: v on the inputs, u on the outputs."""
    return {"v": scheme(kind, use(["Linear"], "input", ignore=ignore),
                        use(["Linear"], "weight_input", True, ignore), **more),
            "u": scheme(kind, use(["Linear"], "weight_output", ignore=ignore),
                        use(["Linear"], "output", True, ignore), **more)}


def before_down(kind, **more):
    """SpinQuant's R4."""
    return {"R4": scheme(kind, use([r"re:.*down_proj$"], "input"),
                         use([r"re:.*down_proj$"], "weight_input", True), **more)}


CASES = {
    "quip-random-hadamard": ((24, 40), both_sides("random-hadamard")),
    "quip-random-matrix": ((6, 10), both_sides("random-matrix")),
    "quip-blocks": ((24, 48), both_sides("random-hadamard", head_dim=12)),
    "quip-permuted": ((16, 32), both_sides("hadamard", randomize=True)),
    "spinquant-r4": ((12, 32), before_down("hadamard")),
    "spinquant-r4-random": ((8, 56), before_down("random-hadamard")),
    "two-schemes": ((16, 24), {**both_sides("random-hadamard", ("lm_head", r"re:.*down_proj")),
                                **before_down("random-hadamard")}),
}


class Block(torch.nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.gate_proj = torch.nn.Linear(width, inner, bias=False)
        self.up_proj = torch.nn.Linear(width, inner, bias=False)
        self.down_proj = torch.nn.Linear(inner, width, bias=False)


def network(width, inner):
    model = torch.nn.Module()
    model.layers = torch.nn.ModuleList()
    for _ in range(2):
        layer = torch.nn.Module()
        layer.mlp = Block(width, inner)
        model.layers.append(layer)
    model.lm_head = torch.nn.Linear(width, 4, bias=False)
    return model


def main():
    shutil.rmtree(TOP, ignore_errors=True)
    for number, (name, (shape, groups)) in enumerate(CASES.items()):
        torch.manual_seed(number)
        model = network(*shape)
        before = {f"expected.{key.removesuffix('.weight')}": value.clone()
                  for key, value in model.state_dict().items()}
        config = TransformConfig(config_groups=groups)
        apply_transform_config(model, config)
        stored, seen = {}, set()
        for key, value in model.state_dict().items():
            # A matrix that modules share is saved once, as save_pretrained does.
            if value.data_ptr() not in seen:
                stored[key] = value.detach().clone().contiguous()
            seen.add(value.data_ptr())
        folder = TOP / name
        folder.mkdir(parents=True)
        save_file({**stored, **before}, folder / "model.safetensors",
                  {"made_by": f"compressed-tensors {version('compressed-tensors')}"})
        settings = {"quant_method": "compressed-tensors",
                    "transform_config": config.model_dump(mode="json")}
        (folder / "config.json").write_text(
            json.dumps({"quantization_config": settings}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
