#!/usr/bin/env python3
"""Quantises a bf16 safetensors folder as mlx_lm does, by MLX: mlx_quantise.py MODEL OUT BITS.

Every matrix whose rows are groups of 64, the embedding among them, becomes the three tensors of
mx.quantize(). Needs mlx (on Linux the package mlx[cpu]); the scripts that call this find a Python.
"""
import json
import pathlib
import shutil
import sys

import mlx.core as mx

GROUP = 64


def packed(weights, bits):
    """All tensors of the checkpoint, by name."""
    out = {}
    for name, values in weights.items():
        if values.ndim != 2 or values.shape[1] % GROUP:
            out[name] = values
            continue
        parts = mx.quantize(values, GROUP, bits)
        stem = name.removesuffix("weight")
        out.update(zip((name, f"{stem}scales", f"{stem}biases"), parts))
    return out


def main(source, out, bits):
    source, out = pathlib.Path(source), pathlib.Path(out)
    out.mkdir()
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config["quantization"] = {"group_size": GROUP, "bits": bits}
    (out / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    shutil.copy(source / "tokenizer.json", out)
    weights = mx.load(str(source / "model.safetensors"))
    mx.save_safetensors(str(out / "model.safetensors"), packed(weights, bits), {"format": "mlx"})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
