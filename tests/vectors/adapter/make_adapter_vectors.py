#!/usr/bin/env python3
"""Writes a small base, adapters of it made by PEFT, and what PEFT merges them to.

make_adapter_vectors.py [FOLDER]. Needs torch, safetensors, transformers and peft; versions.txt says
which made what lies here. base.safetensors is the base; each folder CASE has an adapter
(adapter_config.json, adapter_model.safetensors or .bin) and merged.safetensors, the float32 state
of the model after merge_and_unload().
"""
import json
import pathlib
import shutil
import sys

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers.pytorch_utils import Conv1D

HIDDEN, FFN, VOCABULARY, LAYERS = 8, 12, 10, 2


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.up_proj = torch.nn.Linear(HIDDEN, FFN, bias=False)
        self.down_proj = torch.nn.Linear(FFN, HIDDEN, bias=True)
        self.c_fc = Conv1D(FFN, HIDDEN)
        self.square = Conv1D(HIDDEN, HIDDEN)

    def forward(self, x):
        return self.down_proj(self.up_proj(x)) + self.square(x) + self.down_proj(self.c_fc(x))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = torch.nn.Embedding(VOCABULARY, HIDDEN)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = torch.nn.Linear(HIDDEN, VOCABULARY, bias=False)

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = x + layer(x)
        return self.head(x)


def base_model():
    torch.manual_seed(3)
    return Model()


LINEAR = ["up_proj", "down_proj"]
CONV = ["c_fc", "square"]
CASES = {
    "plain": {"r": 4, "lora_alpha": 6, "target_modules": LINEAR},
    "rslora": {"r": 4, "lora_alpha": 6, "target_modules": LINEAR, "use_rslora": True},
    "patterns": {"r": 4, "lora_alpha": 6, "target_modules": LINEAR,
                 "rank_pattern": {"layers.1.up_proj": 2}, "alpha_pattern": {
                     "layers.1.up_proj": 9, "down_proj": 5}},
    "dora": {"r": 3, "lora_alpha": 8, "target_modules": LINEAR, "use_dora": True},
    "conv1d": {"r": 3, "lora_alpha": 8, "target_modules": CONV, "fan_in_fan_out": True},
    "conv1d_dora": {"r": 3, "lora_alpha": 8, "target_modules": CONV, "fan_in_fan_out": True,
                    "use_dora": True},
    "embedding": {"r": 2, "lora_alpha": 4, "target_modules": ["embed_tokens", "up_proj"]},
    "saved": {"r": 2, "lora_alpha": 4, "target_modules": LINEAR, "modules_to_save": ["head"],
              "bias": "all"},
    "torch": {"r": 2, "lora_alpha": 4, "target_modules": LINEAR}}


def randomise(model):
    """An adapter begins without effect: give every part of it numbers."""
    torch.manual_seed(5)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue
            noise = torch.randn_like(parameter) * 0.2
            parameter.copy_(parameter * 1.5 + noise if "magnitude" in name else parameter + noise)


def clean_config(folder):
    """Leaves out what differs from run to run or names this machine."""
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = None
    config["auto_mapping"] = None
    for key in ("target_modules", "modules_to_save"):
        if config[key]:
            config[key] = sorted(config[key])
    path.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main():
    top = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    save_file(base_model().state_dict(), top / "base.safetensors")
    for case, options in CASES.items():
        folder = top / case
        shutil.rmtree(folder, ignore_errors=True)
        model = get_peft_model(base_model(), LoraConfig(**options))
        randomise(model)
        model.save_pretrained(folder, safe_serialization=case != "torch")
        if case == "torch" and not (folder / "adapter_model.bin").exists():
            written = folder / "adapter_model.safetensors"
            torch.save(load_file(written), folder / "adapter_model.bin")
            written.unlink()
        (folder / "README.md").unlink(missing_ok=True)
        clean_config(folder)
        merged = model.merge_and_unload().state_dict().items()
        save_file({n: t.clone().contiguous() for n, t in merged}, folder / "merged.safetensors")
    versions = [f"{m.__name__} {m.__version__}" for m in (peft, torch, transformers)]
    (top / "versions.txt").write_text("\n".join(versions) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
