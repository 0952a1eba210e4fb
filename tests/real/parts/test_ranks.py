#!/usr/bin/env python3
"""The real model in formats of training: MindSpore, torch.distributed, Megatron, vLLM.

test_ranks.py [--program PATH] [--model FOLDER]. The model is marked and converted by ranks.py; z
must be that of the safetensors: exactly where tensors lie in one place; tensors in pieces are read
as floats, for which products are summed otherwise. Two formats need torch, and are skipped without
it.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import prepare  # noqa: E402
import run  # noqa: E402
from run import attempt, claims, python_venv, wrong_key_problems  # noqa: E402

CONVERT = pathlib.Path(__file__).with_name("ranks.py")
FORMATS = {"mindspore": "MindSpore", "mindformers": "MindSpore", "megatron": "Megatron",
           "vllm": "vLLM", "distributed": "PyTorch distributed",
           "megatron-distributed": "PyTorch distributed"}
PIECES = 0.02  # 0.007 measured
BY_TORCH = ("distributed", "megatron-distributed")


def convert(lab, python, name):
    out = lab.folder / name
    done = subprocess.run([str(python), str(CONVERT), str(lab.folder / "marked"), str(out), name],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ranks.py: {done.stderr.strip()}")
    return out


def converted(lab, python, name, base):
    out = convert(lab, python, name)
    try:
        right, wrong = lab.judge(name, out)
        shown = json.loads(lab.run("inspect", out, "--json", "--quiet"))
        refused = subprocess.run([str(lab.program), "embed", str(out), "--key",
                                  str(lab.folder / "owner.key"), "-o", str(lab.folder / "again")],
                                 capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    most = 0 if name == "mindspore" else PIECES
    problems = [] if abs(right["z"] - base) <= most else [f"z = {right['z']}, not {base}"]
    problems += [] if right["verdict"] == "conclusive" else [f"verdict {right['verdict']}"]
    if shown["format"] != FORMATS[name]:
        problems.append(f"format {shown['format']}")
    if refused.returncode != 2 or "can only be read" not in refused.stderr:
        problems.append(f"embed: exit code {refused.returncode}: {refused.stderr.strip()}")
    return problems + wrong_key_problems(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=run.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("formats", nargs="*")
    options = parser.parse_args()
    report, model = claims.Claims(), options.model or run.prepared_model()
    with run.Lab(options.program.resolve(), model) as lab:
        run.mark(lab)
        base = lab.detect(lab.folder / "marked", "owner.key", "--full")["z"]
        for name in options.formats or FORMATS:
            claim = f"real model: as {name} z is that of the safetensors, to the right key only"
            python = (python_venv.existing({"torch": "torch", "numpy": "numpy"}, "transformers")
                      if name in BY_TORCH else prepare.environment())
            if python:
                attempt(report, claim,
                        lambda name=name, python=python: converted(lab, python, name, base))
            else:
                report.skip(claim, "torch is not installed" if name in BY_TORCH
                            else "numpy cannot be installed")
        run.print_table(lab.rows)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
