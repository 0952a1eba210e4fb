#!/usr/bin/env python3
"""Writes tests/vectors/careful: a small marked suspect that hides its mark, and its windows by the
Python reference.

  make_careful_vectors.py PATH/TO/adversary.py [OUT_DIR]

Needs numpy, torch and safetensors; ctss.py must be beside adversary.py. The first layer has up
times 2^70 and down times 2^-70, the second three clones of each neuron with noise that cancels, the
third as many weak neurons of four patterns as it had.
"""
import importlib.util
import json
import pathlib
import shutil
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))
import small_model  # noqa: E402
from make_mark_vectors import load_reference, text_of  # noqa: E402

KEY = "6361726566756c20736b65746368657320696e2061206c6974746c65206d6f64"
WRONG = "00" * 31 + "02"
EPS = 0.03
PARTS = ("gate", "up", "down")


def load_adversary(path, ctss):
    sys.modules["ctss"] = ctss
    spec = importlib.util.spec_from_file_location("adversary", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def noise_like(rows, factor):
    draw = torch.randn(rows.shape)
    return draw / draw.norm(dim=1, keepdim=True) * (factor * rows.norm(dim=1, keepdim=True))


def overflow(gate, up, down):
    return gate, up * 2.0**70, down * 2.0**-70


def clones(gate, up, down):
    """Ups a u and downs v / 3 + noise that sums to zero."""
    first, second = noise_like(down, 3), noise_like(down, 3)
    downs = torch.cat([down / 3 + first, down / 3 + second, down / 3 - first - second])
    return gate.repeat(3, 1), up.repeat(3, 1), downs


def dummies(gate, up, down):
    rows = []
    for kind, own in zip(PARTS, (gate, up, down)):
        pattern = torch.randn(4, own.shape[1]) / 8
        added = pattern.repeat(len(own) // 4, 1) * (2.0**-40 if kind == "down" else 1)
        rows.append(torch.cat([own, added]))
    return rows


def change(folder, layer, make):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    names = [f"model.layers.{layer}.mlp.{part}_proj.weight" for part in PARTS]
    gate, up, down = (tensors[name].float() for name in names)
    gate, up, down = make(gate, up, down.T)
    order = torch.randperm(len(gate))
    for name, rows in zip(names, (gate[order], up[order], down[order].T)):
        tensors[name] = rows.to(torch.bfloat16).contiguous()
    save_file(tensors, path, {"format": "pt"})


def windows(ctss, adversary, folder, key):
    model = ctss.Model(folder)
    structure = ctss.Structure(ctss.subkey(bytes.fromhex(key), "share/0"), model.embedding,
                               model.labels)
    carriers = ctss.carriers(structure.key, structure)
    out = {}
    for rule in ("hard", "soft"):
        plain = ctss.score([(ctss.sketch(model, structure, rule == "soft"), carriers)])
        out[rule] = {"plain": plain, "windows": [
            {"band": number, "neurons": count, "z": ctss.score([(V, carriers)]), "length": length}
            for count, number, V, length in
            adversary.windows(model, structure, rule == "soft")]}
    return out


def main():
    ctss = load_reference(pathlib.Path(sys.argv[1]).with_name("ctss.py"))
    adversary = load_adversary(sys.argv[1], ctss)
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "careful"
    torch.set_num_threads(1)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        plain = pathlib.Path(scratch) / "plain"
        small_model.write(plain, d=64, layers=3, f=96, vocabulary=256, seed=7)
        sys.argv = ["ctss.py", "mark", str(plain), str(out / "suspect"), "--key", KEY, "--eps",
                    str(EPS), "--sites", "ffn"]
        ctss.main()
    torch.manual_seed(7)
    for layer, make in enumerate((overflow, clones, dummies)):
        change(out / "suspect", layer, make)
    document = {"schema": "weightmark/vectors/careful/v1", "key": KEY, "wrong_key": WRONG,
                "right": windows(ctss, adversary, out / "suspect", KEY),
                "wrong": windows(ctss, adversary, out / "suspect", WRONG)}
    (out / "expected.json").write_text(text_of(document) + "\n")


if __name__ == "__main__":
    main()
