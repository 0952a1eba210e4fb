#!/usr/bin/env python3
"""Verdicts of `compare` and published statistics, on the pairs of tests/real/lineage.py.

table.py [--program PATH] [--model FOLDER] [--only WORD] [--provenancekit PATH]. Prints Markdown
(specs/lineage_peers.md); checks nothing. Runs in the environment of prepare.py, which has numpy.
--provenancekit: the program of the PyPI package cisco-ai-provenance-kit, which needs torch (not
installed here); adds a column with its score and its decision.
"""
import argparse
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
for folder in ("tests", "tests/real"):
    sys.path.insert(0, str(TOP / folder))
import lineage  # noqa: E402
import offspring  # noqa: E402
import run  # noqa: E402

import baselines  # noqa: E402


def shown(value):
    return "-" if value is None else f"{value:.3f}" if abs(value) < 10 else f"{value:.0f}"


def ours(found):
    hits = [family["log10_p"] for family in found["families"] if family["hit"]]
    return found["verdict"], f"{math.ceil(min(hits))}" if hits else "-"


def provenancekit(program, suspect, reference):
    done = subprocess.run([str(program), "compare", suspect, reference, "--json", "--no-cache"],
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "HF_HUB_OFFLINE": "1"})
    if done.returncode != 0 or not done.stdout.strip():
        return "-"
    scores = json.loads(done.stdout)["scores"]
    return f"{scores['pipeline_score']:.2f} {scores['provenance_decision']}"


def row(workshop, reference, number, case, program):
    label, steps, right, _ = case
    folder = workshop.build(f"case{number}", steps, 100 + number)
    try:
        verdict, log10_p = ours(lineage.compared(workshop.lab, folder, workshop.parent))
        suspect = offspring.Model(folder)
        theirs = [shown(statistic(suspect, reference)) for statistic in
                  (baselines.cosine, baselines.huref, baselines.awm)]
        if program:
            theirs.append(provenancekit(program, folder, workshop.parent))
    finally:
        shutil.rmtree(folder)
    print("| " + " | ".join([label, right[0], verdict, log10_p, *theirs]) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--provenancekit", type=pathlib.Path)
    options = parser.parse_args()
    with run.Lab(options.program.resolve(), options.model or run.prepared_model()) as lab:
        workshop = lineage.Workshop(lab, lineage.parent_of(lab, lab.model, False))
        reference = offspring.Model(workshop.parent)
        more = " Model Provenance Kit |" if options.provenancekit else ""
        print(f"| suspect | truth | our verdict | log10 p | cosine | HuRef | AWM z |{more}")
        print("|---|---|---|---|---|---|---|" + ("---|" if more else ""))
        for number, case in enumerate(lineage.CASES):
            if options.only in case[0] and not any("gguf" in step for step in case[1]):
                row(workshop, reference, number, case, options.provenancekit)


if __name__ == "__main__":
    main()
