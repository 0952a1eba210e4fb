#!/usr/bin/env python3
"""The table in the README: all attacks on the real model, with the right and a wrong key.

table.py [--program PATH] [--model FOLDER]. Prints Markdown and checks nothing (run.py does).
"""
import argparse
import pathlib
import shutil
import subprocess
import sys

import run

# Each row: attacks applied one after the other, written as for `weightmark attack`.
UPCYCLE = "upcycle --experts 8 --reinit"
ROWS = [
    ["permute"], ["scale"], ["flip"], ["gain"], ["rotate"], ["permute-residual"],
    ["shuffle-vocabulary"], ["clone"], ["reshard"],
    ["permute", "scale", "flip", "rotate", "shuffle-vocabulary"],
    ["cast --to f16"], ["cast --to f8_e4m3"],
    ["quantize --bits 8"], ["quantize --bits 4"], ["quantize --bits 3"], ["quantize --bits 2"],
    ["prune --fraction 0.5"], ["prune --fraction 0.7"], ["prune --fraction 0.9"],
    ["drift --drift 0.05"], ["drift --drift 0.3"], ["drift --drift 0.6"], ["drift --drift 1"],
    ["drift --drift 0 --embedding-drift 0.1"], ["drift --drift 0 --embedding-drift 0.3"],
    ["drop-layers --fraction 0.5"],
    [f"{UPCYCLE} 0 --drift 0.1"], [f"{UPCYCLE} 0.5 --drift 0.1"], [f"{UPCYCLE} 0.5 --drift 0.3"],
    [f"{UPCYCLE} 0.5 --drift 0.6"], [f"{UPCYCLE} 0.5 --drift 1"], [f"{UPCYCLE} 0.75 --drift 0.3"],
    ["upcycle --experts 2 --reinit 0.5 --drift 0.6"],
    ["upcycle --style fine-grained --experts 8 --reinit 0.5 --drift 0.3"],
    [f"{UPCYCLE} 0.5 --drift 0.3", "rotate", "shuffle-vocabulary", "quantize --bits 4"],
]


def attack(lab, source, steps, seed):
    """Applies the steps to `source`; returns the last folder and deletes the others."""
    at = source
    for number, step in enumerate(steps):
        name, *options = step.split()
        out = lab.folder / f"attacked-{number}"
        lab.run("attack", name, at, "-o", out, "--seed", str(seed + number), *options)
        if at != source:
            shutil.rmtree(at)
        at = out
    return at


def row(lab, label, folder):
    right, wrong = lab.judge(label, folder)
    print(f"| {label} | {right['z']:.1f} | {right['verdict'].replace('_', ' ')} | {right['tags']} "
          f"| {wrong['z']:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=run.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    options = parser.parse_args()
    with run.Lab(options.program.resolve(), options.model or run.prepared_model()) as lab:
        run.mark(lab)
        marked = lab.folder / "marked"
        print("| event | z | verdict | tags | wrong key |\n|---|---|---|---|---|")
        row(lab, "unmarked", lab.model)
        row(lab, "marked", marked)
        for steps in ROWS + [[f"merge --with {lab.model} --weight 0.5"]]:
            label = ", ".join(steps).replace(str(lab.model), "UNMARKED")
            try:
                folder = attack(lab, marked, steps, 7)
                row(lab, label, folder)
                shutil.rmtree(folder)
            except (RuntimeError, subprocess.SubprocessError) as error:
                print(f"| {label} | - | {error} | | |", flush=True)


if __name__ == "__main__":
    main()
