#!/usr/bin/env python3
"""How much of a checkpoint with the shape of an 8B is read over the network: measure.py FOLDER

Makes the model, its marked copy and a model of another seed in FOLDER (45 GB; kept for another
run, remove them afterwards), serves them by a real nginx and prints the table of specs/remote.md.
A quarter of an hour on two processors. `--layers N`, 4 or more, makes smaller ones.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys

import web

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = TOP / "build" / "weightmark"
SHAPE = ("--hidden", "4096", "--ffn", "14336", "--vocabulary", "128256", "--files", "4")
EMBEDDING_BYTES = 128256 * 4096 * 2
GOAL, COMPARE_GOAL = 0.02, 0.2
STRENGTH = "0.002"  # twice the automatic one of this size


def run(*arguments, fine=(0, 1, 3)):
    done = subprocess.run([str(word) for word in (PROGRAM, *arguments)], text=True,
                          capture_output=True)
    if done.returncode not in fine:
        sys.exit(f"measure: {arguments}: {done.stderr}")
    return done.stdout


def make(folder, layers):
    """The model, one of another seed, and the marked copy."""
    for seed, name in ((1, "model"), (2, "other")):
        if not (folder / name).exists():
            print(f"making a model: {name}", file=sys.stderr, flush=True)
            subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / name, *SHAPE,
                            "--layers", str(layers), "--seed", str(seed)], check=True)
    key, marked = folder / "owner.key", folder / "marked"
    if not key.exists():
        run("keygen", key)
    if not marked.exists():
        print("marking it", file=sys.stderr, flush=True)
        run("embed", folder / "model", "--key", key, "--strength", STRENGTH, "-o", marked,
            "--quiet")


def row(what, words, goal):
    """One line of the table; whether it keeps `goal`, the most that may be read (none: any)."""
    answer = json.loads(run(*words, "--json", "--quiet"))
    network = answer["network"]
    share = network["bytes"] / network["size"]
    z = f"{answer['z']:.1f}" if "z" in answer else "-"
    print(f"| {what} | {answer['verdict']} | {z} | {network['bytes'] / 1e6:,.0f} MB "
          f"| {100 * share:.2f} % | {f'{100 * goal:.2f} %' if goal else '-'} "
          f"| {network['requests']:,} | {answer['seconds']:.1f} s |", flush=True)
    return goal is None or share < goal


def main():
    parser = argparse.ArgumentParser(description="bytes that are read over the network")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--layers", type=int, default=32)
    options = parser.parse_args()
    folder = options.folder.resolve()
    program = web.find_nginx()
    if program is None:
        sys.exit("measure: there is no nginx")
    folder.mkdir(exist_ok=True)
    make(folder, options.layers)
    key = ("--key", folder / "owner.key")
    size = sum(path.stat().st_size for path in (folder / "model").glob("*.safetensors"))
    print(f"{size / 1e9:.2f} GB of weights\n\n"
          "| command | answer | z | read | share | goal | requests | time |\n"
          "|---|---|---|---|---|---|---|---|")
    shutil.rmtree(folder / "nginx", ignore_errors=True)  # of a run that was killed
    with web.Web(program, folder / "nginx", folder) as site:
        marked, reference = site.url("/marked/"), site.url("/model/")
        record = ("--record", folder / "marked.mark")
        kept = [row("detect, with the record", ("detect", marked, *key, *record), GOAL),
                row("detect, blind", ("detect", marked, *key), GOAL + EMBEDDING_BYTES / size),
                row("compare with the unmarked model", ("compare", marked, reference),
                    COMPARE_GOAL),
                row("compare with a model of another seed",
                    ("compare", site.url("/other/"), reference), COMPARE_GOAL)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
