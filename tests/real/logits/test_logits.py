#!/usr/bin/env python3
"""The mark of a real model's output head in logits alone.

test_logits.py [--program PATH] [--model FOLDER]. Forward passes need torch and transformers in this
Python; without them, or without the model, the test is skipped with the reason.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import run  # noqa: E402
from run import attempt, claims, python_venv  # noqa: E402

COLLECT = pathlib.Path(__file__).with_name("collect.py")
# Form and smallest z: 34 in the weights and in 600 rows of logits.
FORMS = [("few", 22), ("plain", 30), ("rounded", 30), ("bf16", 30), ("softcapped", 28),
         ("biased", 28), ("half", 15), ("tempered", 30), ("noisy", 24), ("cut", 15)]
# Attack and smallest z.
ATTACKED = [("rotate", [], 20), ("shuffle-vocabulary", [], 20), ("quantize", ["--bits", "8"], 20)]
LICENSEES = 10_000
OVERLAP_MIN, PERMUTED_MAX = .99, .1
WEIGHTS_MIN, LICENSEE_MIN, OTHERS_MAX, WRONG_MAX = 30, 15, 5, 5


def collect(lab, python, model, name, *forms):
    """Folder of the logits."""
    out = lab.folder / name
    done = subprocess.run([str(python), str(COLLECT), str(model), str(out), *forms],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"collect.py: {done.stderr.strip()[-300:]}")
    return out


def read(lab, logits, tokenizer, key="owner.key"):
    text = lab.run("detect", "--logits", logits, "--tokenizer", tokenizer, "--key",
                   lab.folder / key, "--shares", "1", "--json", fine=(0, 3))
    return json.loads(text)


def problems_of(found, least):
    conditions = found["conditions"]
    out = [] if found["z"] >= least else [f"z = {found['z']:.2f}, expected at least {least}"]
    return out + ([] if "logits_collected_independently" in conditions else [str(conditions)])


def marked(lab):
    shutil.copy(run.KEY, lab.folder / "owner.key")
    (lab.folder / "owner.key").chmod(0o600)
    lab.run("keygen", lab.folder / "other.key")
    text = lab.run("embed", lab.model, "--key", lab.folder / "owner.key", "-o",
                   lab.folder / "marked", "--shares", "1", "--verify", "output", "--json")
    z = {site["site"]: site.get("z") for site in json.loads(text)["sites"]}["output"]
    print(f"  read back from the weights: z = {z:.2f}")
    return [] if z >= WEIGHTS_MIN else [f"z = {z:.2f} in the weights"]


def form_problems(lab, folder, form, least):
    file = next(folder.glob(f"{form}.*"))
    found, wrong = read(lab, file, lab.model), read(lab, file, lab.model, "other.key")
    print(f"  {form}: z = {found['z']:.2f} ({found['reading']}, rank {found['rank']}), wrong key "
          f"{wrong['z']:.2f}")
    return problems_of(found, least) + ([] if wrong["z"] < WRONG_MAX else [f"wrong: {wrong['z']}"])


def attacked(lab, python, name, options, least):
    copy = lab.folder / "copy"
    try:
        lab.run("attack", name, lab.folder / "marked", "-o", copy, "--seed", "7", *options)
        logits = collect(lab, python, copy, name) / "plain.npy"
        found = read(lab, logits, copy)
        print(f"  {name}: z = {found['z']:.2f}")
        return problems_of(found, least)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def licensee(lab, python):
    lab.run("embed", lab.folder / "marked", "--key", lab.folder / "owner.key", "--licensee", "ada",
            "-o", lab.folder / "ada")
    logits = collect(lab, python, lab.folder / "ada", "ada-logits") / "plain.npy"
    ids = lab.folder / "ids"
    ids.write_text("".join(f"id{i}\n" for i in range(LICENSEES)) + "ada\n")
    text = lab.run("trace", "--logits", logits, "--tokenizer", lab.model, "--key",
                   lab.folder / "owner.key", "--licensees", ids, "--json", fine=(0, 3))
    first, second = json.loads(text)["licensees"][:2]
    print(f"  licensee {first['id']}: z = {first['z']:.2f}, the next {second['z']:.2f}")
    named = first["id"] == "ada" and first["z"] >= LICENSEE_MIN and second["z"] < OTHERS_MAX
    return [] if named else [f"{first} before {second}"]


def compared(lab, logits):
    """The marked copy's logits beside the original head: no mark is needed."""
    found = json.loads(lab.run("compare", "--logits", logits, lab.model, "--json", fine=(3,)))
    overlap = found["overlap"]
    print(f"  compare: overlap {overlap['value']:.4f} in {overlap['directions']} directions, with "
          f"tokens permuted at most {max(overlap['permuted']):.4f}")
    fine = overlap["value"] > OVERLAP_MIN and max(overlap["permuted"]) < PERMUTED_MAX
    return [] if fine else [str(overlap)]


def unmarked(lab, python):
    found = read(lab, collect(lab, python, lab.model, "unmarked") / "plain.npy", lab.model)
    print(f"  unmarked: z = {found['z']:.2f}")
    return [] if found["z"] < WRONG_MAX else [f"z = {found['z']}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=run.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    options = parser.parse_args()
    python = python_venv.existing({"torch": "torch", "transformers": "transformers"}, "compressed")
    if not python:
        print("skip - real logits: torch and transformers are not installed")
        sys.exit(run.SKIP)
    report = claims.Claims()
    with run.Lab(options.program.resolve(), options.model or run.prepared_model()) as lab:
        attempt(report, f"real logits: the marked weights show {WEIGHTS_MIN}", lambda: marked(lab))
        folder = collect(lab, python, lab.folder / "marked", "logits", *(f for f, _ in FORMS))
        for form, least in FORMS:
            attempt(report, f"real logits: {form} show {least}",
                    lambda: form_problems(lab, folder, form, least))
        for name, words, least in ATTACKED:
            attempt(report, f"real logits: after {name} they show {least}",
                    lambda: attacked(lab, python, name, words, least))
        attempt(report, "real logits: they fill the span of the original head",
                lambda: compared(lab, folder / "few.npy"))
        attempt(report, "real logits: they name the licensee", lambda: licensee(lab, python))
        attempt(report, "real logits: the unmarked model shows nothing",
                lambda: unmarked(lab, python))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
