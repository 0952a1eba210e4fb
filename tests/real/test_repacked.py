#!/usr/bin/env python3
"""The real model in PyTorch format and with adapters: detect, trace and inspect.

test_repacked.py [--program PATH] [--model FOLDER]. The model is marked and converted by repack.py,
in the environment of prepare.py; skipped if that cannot be installed.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import prepare
import run
from run import attempt, band_problems, claims, wrong_key_problems

REPACK = pathlib.Path(__file__).with_name("repack.py")
ADAPTED = (27.0, 32.5)  # z for an update with a tenth of the norm of the weights
LICENSEES = ["grace", "ada", "edsger"]  # the copy is ada's
PARAMETERS = 134_515_008


def repack(lab, source, packing):
    out = lab.folder / f"{source}-{packing}"
    done = subprocess.run([str(prepare.environment()), str(REPACK), str(lab.folder / source),
                           str(out), packing], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"repack.py: {done.stderr.strip()}")
    return out


def inspect(lab, folder, *options):
    return json.loads(lab.run("inspect", folder, "--json", *options))


def inspect_problems(found, format_name, stored_as):
    problems = []
    if found["format"] != format_name:
        problems.append(f"format {found['format']}")
    if found["parameters"] != PARAMETERS:
        problems.append(f"{found['parameters']} parameters")
    if stored_as not in found["dtypes"]:
        problems.append(f"types {sorted(found['dtypes'])}")
    return problems


def as_torch(lab, base):
    folder = repack(lab, "marked", "torch")
    right, wrong = lab.judge("PyTorch", folder)
    problems = [] if right["z"] == base else [f"z = {right['z']}, in safetensors {base}"]
    return (problems + wrong_key_problems(wrong)
            + inspect_problems(inspect(lab, folder), "PyTorch", "BF16"))


def adapted(lab, packing):
    """The mark is found with the marked base, and not with the plain one."""
    folder, marked = repack(lab, "marked", packing), lab.folder / "marked"
    right, wrong = lab.judge(f"{packing} over the marked base", folder, "--base", marked)
    over_plain = lab.detect(folder, "owner.key", "--full", "--base", lab.model)
    return (band_problems(right, ADAPTED, ("conclusive",)) + wrong_key_problems(wrong)
            + wrong_key_problems(over_plain)
            + inspect_problems(inspect(lab, folder, "--base", marked), "safetensors",
                               {"lora": "LoRA", "dora": "DoRA"}[packing]))


def alone(lab):
    folder = lab.folder / "marked-lora"
    done = subprocess.run([str(lab.program), "detect", str(folder), "--key",
                           str(lab.folder / "owner.key")], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    good = done.returncode == 2 and "--base" in done.stderr
    return [] if good else [f"exit code {done.returncode}: {done.stderr.strip()}"]


def trace(lab, key, *words):
    said = lab.run("trace", *words, "--key", lab.folder / key, "--licensees",
                   lab.folder / "licensees", "--json", fine=(0, 1, 3))
    return json.loads(said)


def traced(lab):
    """A licensee's copy is identified through an adapter."""
    lab.run("embed", lab.model, "--sites", "ffn", "--key", lab.folder / "owner.key",
            "-o", lab.folder / "ada", "--licensee", "ada", "--strength", "0.004")
    (lab.folder / "licensees").write_text("\n".join(LICENSEES), encoding="utf-8")
    words = [lab.folder / "marked-lora", "--base", lab.folder / "ada"]
    found, wrong = trace(lab, "owner.key", *words), trace(lab, "other.key", *words)
    first, problems = found["licensees"][0], []
    if (found["verdict"], first["id"]) != ("conclusive", "ada"):
        problems.append(f"{found['verdict']}, {first['id']}, z = {first['z']:.1f}")
    if wrong["verdict"] not in ("not_found", "undecided"):
        problems.append(f"{wrong['verdict']} to a wrong key")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=run.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    options = parser.parse_args()
    report, model = claims.Claims(), options.model or run.prepared_model()
    if not prepare.environment():
        report.skip("real model: other packings", "gguf and numpy cannot be installed")
        sys.exit(run.SKIP)
    with run.Lab(options.program.resolve(), model) as lab:
        run.mark(lab)
        right = lab.detect(lab.folder / "marked", "owner.key", "--full")
        attempt(report, "real model: in PyTorch format z is exactly the same",
                lambda: as_torch(lab, right["z"]))
        for packing in ("lora", "dora"):
            attempt(report, f"real model: a {packing} adapter keeps the mark of its base, for the "
                            "right key only, and adds none", lambda: adapted(lab, packing))
        attempt(report, "real model: an adapter alone is refused, and the error names --base",
                lambda: alone(lab))
        attempt(report, "real model: a licensee is identified through an adapter",
                lambda: traced(lab))
        run.print_table(lab.rows)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
