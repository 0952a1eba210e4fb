#!/usr/bin/env python3
"""How much of a checkpoint with the shape of an 8B is read over the network: measure.py FOLDER

Makes the model and its marked copies in FOLDER (45 GB; kept for another run, remove them
afterwards), serves them by a real nginx and prints the table of specs/remote.md. Half an hour on
two processors.
`--layers N` makes a smaller one.
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
# The second is the automatic strength of this size.
STRONG, USUAL = STRENGTHS = "0.002", "0.001"


def run(*arguments, fine=(0, 1, 3)):
    done = subprocess.run([str(word) for word in (PROGRAM, *arguments)], text=True,
                          capture_output=True)
    if done.returncode not in fine:
        sys.exit(f"measure: {arguments}: {done.stderr}")
    return done.stdout


def make(folder, layers):
    """The model and its copies, marked by each strength."""
    model, key = folder / "model", folder / "owner.key"
    if not model.exists():
        print("making the model", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", model, *SHAPE,
                        "--layers", str(layers)], check=True)
    if not key.exists():
        run("keygen", key)
    for strength in STRENGTHS:
        marked = folder / f"marked-{strength}"
        if not marked.exists():
            print(f"marking it, strength {strength}", file=sys.stderr, flush=True)
            run("embed", model, "--key", key, "--strength", strength, "-o", marked, "--quiet")


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
        kept = []
        for strength in STRENGTHS:
            marked, what = site.url(f"/marked-{strength}/"), f"detect, strength {strength}"
            record = ("--record", folder / f"marked-{strength}.mark")
            is_strong = strength == STRONG
            kept += [row(what + ", record", ("detect", marked, *key, *record),
                         GOAL if is_strong else None),
                     row(what + ", blind", ("detect", marked, *key),
                         GOAL + EMBEDDING_BYTES / size if is_strong else None)]
        kept.append(row("compare, strength " + STRONG,
                        ("compare", site.url(f"/marked-{STRONG}/"), site.url("/model/")),
                        COMPARE_GOAL))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
