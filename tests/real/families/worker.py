#!/usr/bin/env python3
"""Marks tiny models of transformers' classes; prints one line of JSON for each.

worker.py --program PATH --work FOLDER: reads lines of a model_type, a class and perhaps a rules
file from standard input; --list prints all classes. FOLDER holds owner.key and other.key. Needs
torch, transformers and safetensors; run.py finds a Python that has them and judges the lines.
"""
import argparse
import json
import logging
import pathlib
import re
import shutil
import subprocess
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import torch  # noqa: E402

from exceptions import INEXACT, NO_FORWARD  # noqa: E402
from forward import TOLERANCE, Probe  # noqa: E402
import heads  # noqa: E402
import models  # noqa: E402
from rules import Reading  # noqa: E402

STRENGTH = "0.03"  # the greatest one: models are tiny
FFN_WORDS = re.compile(r"\b(mlp|ffn|feed_forward|experts?|moe|block_sparse_moe|mixer|dense)\b")


class Failed(Exception):
    """A step that did not work, and what was said."""


class Program:
    """weightmark, with rules for all its commands."""

    def __init__(self, options, rules):
        self.path, self.work, self.rules = options.program, options.work, rules

    def run(self, *words, fine=(0,)):
        """Its JSON, and its notes."""
        naming = ["--naming", self.rules] if self.rules else []
        done = subprocess.run([str(word) for word in (self.path, *words, "--json", *naming)],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              check=False)
        said = done.stderr.splitlines()
        if done.returncode not in fine:
            error = next((line for line in said if "error: " in line), f"exit {done.returncode}")
            raise Failed(f"{words[0]}: {error}")
        return json.loads(done.stdout), [line.partition("note: ")[2] for line in said
                                         if "note: " in line]


def missed(reading):
    """Matrices of the layers that look like an FFN and have no role."""
    layers = {re.match(r".*?\.\d+\.|", spot.name)[0] for spot in reading.all_readers()}
    return [f"'{name}' {list(shape)} is not recognised" for name, shape in reading.unrecognised
            if re.match(r".*?\.\d+\.|", name)[0] in layers and FFN_WORDS.search(name)
            and len(shape) > 1 and reading.width in shape and max(shape) >= 2 * reading.width]


def marked(program, folder, found):
    """Inspect, embed, detect with both keys."""
    model, release = folder / "model", folder / "marked"
    inspected, notes = program.run("inspect", model, "--tensors")
    found.update({key: inspected[key] for key in (
        "family", "model_type", "layers", "experts", "units", "gated", "heads")})
    reading = Reading(inspected, program.rules)
    found["problems"] += [note for note in notes if "model_type" in note] + missed(reading)
    owner, other = program.work / "owner.key", program.work / "other.key"
    program.run("embed", model, "--key", owner, "-o", release, "--strength", STRENGTH,
        "--shares", "1")
    found["z"] = [program.run("detect", release, "--key", key, "--shares", "1", "--full",
                      fine=(0, 1, 3))[0]["z"] for key in (owner, other)]
    return reading


def units(program, probe, found):
    """Exact rewrites of the units: the logits stay."""
    attacks = [("permute", ["--what", "neurons"]), ("flip", [])]
    found["rewrites"] = []
    for attack, words in attacks[:2 if found["gated"] else 1]:
        if (found["class"], attack) in INEXACT:
            continue
        out = probe.folder.with_name(attack)
        program.run("attack", attack, probe.folder, "-o", out, *words)
        off = probe.distance(probe.loaded(out))
        found["rewrites"].append(attack)
        if not off <= TOLERANCE:
            found["problems"].append(f"{attack}: logits move by {off:.1e}")


def prove(program, model, reading, folder, found):
    """Whether the model's own forward pass agrees with the reading."""
    name = found["class"]
    reason = NO_FORWARD.get(name) or NO_FORWARD.get(f"{name} of {found['type']}")
    if reason:
        found["no_forward"] = reason
        return
    probe = Probe(model, folder / "model", reading.width, models.logits)
    off = probe.distance(probe.loaded(folder / "model"))
    if not off <= TOLERANCE:
        raise Failed(f"forward: transformers does not load what it saved ({off:.1e})")
    problems = probe.norm_weights(reading)
    found["norms"] = problems is not None
    found["problems"] += (problems or []) + probe.forgotten_norms(reading)
    units(program, probe, found)
    if found["heads"]["layers"]:
        found["problems"] += heads.mixed(program.run, Failed, probe, found)
        found["problems"] += heads.norms(probe, reading)


def work(options, model_type, name, rules=None):
    program = Program(options, rules and pathlib.Path(rules))
    found = {"type": model_type, "class": name, "problems": []}
    folder = options.work / f"{model_type}-{name}"
    folder.mkdir(parents=True)
    begin = time.monotonic()
    step = "build"
    try:
        model = models.build(model_type, name)
        model.save_pretrained(folder / "model")
        step = "mark"
        reading = marked(program, folder, found)
        step = "forward"
        prove(program, model, reading, folder, found)
    except Failed as error:
        found["failed"] = str(error)
    except Exception as error:  # whatever a class of transformers may raise
        found["failed"] = f"{step}: {type(error).__name__}: {error}"
        found["missing"] = isinstance(error, ImportError)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    found["seconds"] = round(time.monotonic() - begin, 2)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leave the models in FOLDER")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.list:
        for each in models.classes():
            print(*each)
        return
    for line in sys.stdin:
        print(json.dumps(work(options, *line.split())), flush=True)


if __name__ == "__main__":
    main()
