#!/usr/bin/env python3
"""Licensees who put their copies together: the table of specs/licensees.md 5.

collusion.py [--program PATH] [--model FOLDER] [--folder SCRATCH] [--ids N] [--quick] [--update]
             [--width W] [--copies K,K]

Marks the real model (prepare.py) for its owner, and copies of it for K licensees; applies each
attack of `weightmark attack collude`; traces the result among N ids, blind and with the release
subtracted. For the cut-out, copies are marked in the FFN alone, since what heads differ in can be
cut out of them as well; it is also applied to wider models (synthetic.py). That, and errors of
products, need numpy, torch and safetensors, and 16 GB in SCRATCH, which is emptied at the end.
--quick: three colluders, two attacks, on the real model only, without errors. --width, --copies:
that width and these numbers of copies alone. --update writes the rows into the table of the page,
in place of rows of the same name. Exit code 1 if a demand of the page is not met.
"""
import argparse
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))
import run  # noqa: E402
from run import claims  # noqa: E402

KEY = TOP / "tests" / "vectors" / "key" / "plain.key"
PAGE = TOP / "specs" / "licensees.md"
INNOCENT_MAX = 5.5     # of 10,000 ids: exp(-5.5^2 / 2) x 10,000 = 2.7e-3
# (width, attacks by number of copies); the most copies last. The median of two is their mean.
PLAN = [(576, {2: ["mean", "2a-b", "mixed-layers", "cut"],
               3: ["mean", "median", "minimum", "mixed-weights", "a+b-c", "mixed-layers",
                   "cut"],
               5: ["mean", "minimum", "mixed-layers"]}),
        (2048, {2: ["cut"], 3: ["mean", "cut"]}),
        (4096, {2: ["cut"], 3: ["mean", "cut"]}),
        (576, {10: ["mean", "mixed-weights", "mixed-layers"], 50: ["mean", "mixed-layers"]})]
QUICK = [(576, {3: ["mean", "a+b-c"]})]
HEAD = ["width", "copies", "attack", "error", "blind: named", "z", "others", "release subtracted: "
        "named", "z", "others", "rounds", "owner's z"]


def licensee(number):
    return f"licensee-{number}"


class Bench:
    def __init__(self, options, folder):
        self.program, self.folder = str(pathlib.Path(options.program).resolve()), folder
        self.ids, self.is_quick = options.ids, options.quick
        shutil.copy(KEY, self / "key")
        (self / "key").chmod(0o600)
        (self / "ids").write_text("".join(f"{licensee(i)}\n" for i in range(self.ids)))

    def __truediv__(self, name):
        return self.folder / name

    def run(self, *words, fine=(0,)):
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode not in fine:
            raise RuntimeError(f"weightmark {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def embed(self, model, out, *options):
        shutil.rmtree(self / out, ignore_errors=True)
        (self / f"{out}.mark").unlink(missing_ok=True)
        self.run("embed", model, "--key", self / "key", "-o", self / out, *options)

    def trace(self, suspect, base):
        """The answer, with all ids."""
        more = ["--base", base] if base else []
        return json.loads(self.run("trace", suspect, "--key", self / "key", "--licensees",
                                   self / "ids", "--list", self.ids, "--json", *more,
                                   fine=(0, 1, 3)))

    def owner_z(self, suspect):
        answer = json.loads(self.run("detect", suspect, "--key", self / "key", "--full", "--json",
                                     fine=(0, 1, 3)))
        return answer["z"]


def error(suspect, release):
    """Of the FFN's products with random vectors, beside their length."""
    import torch
    from safetensors import safe_open
    changed = total = 0.0
    names = {}
    for folder in (suspect, release):
        for path in sorted(pathlib.Path(folder).glob("*.safetensors")):
            with safe_open(path, "pt") as file:
                for name in file.keys():
                    names.setdefault(name, {})[folder] = path
    for name, where in names.items():
        if ".mlp." not in name:
            continue
        layer = name.split(".mlp.")[0]
        with safe_open(where[suspect], "pt") as a, safe_open(where[release], "pt") as b:
            ours, theirs = a.get_tensor(name).float(), b.get_tensor(name).float()
        if "down" not in name:  # what reads the stream reads it behind a norm
            norm = f"{layer}.post_attention_layernorm.weight"
            with safe_open(names[norm][release], "pt") as file:
                weights = file.get_tensor(norm).float()
            ours, theirs = ours * weights, theirs * weights
        changed += float(torch.sum((ours - theirs) ** 2, dtype=torch.float64))
        total += float(torch.sum(theirs ** 2, dtype=torch.float64))
    return math.sqrt(changed / total)


def attack_options(attack):
    return ["--cut", "yes"] if attack == "cut" else ["--how", attack]


def copies_of(bench, release, colluders, sites):
    """The folders of the first licensees; those that are missing are made."""
    name = "ffn" if sites else "copy"
    for i in range(colluders):
        if not (bench / f"{name}-{i}").exists():
            bench.embed(release, f"{name}-{i}", "--licensee", licensee(i), *sites)
    return [bench / f"{name}-{i}" for i in range(colluders)]


def givers(suspect, copies):
    """Whose layers, or output head, are in the suspect: numbers of copies that one of its gates is
    equal to, or its embedding, which is the head."""
    import torch
    from safetensors import safe_open
    out = set()
    with safe_open(next(suspect.glob("*.safetensors")), "pt") as file:
        marked = {name: file.get_tensor(name) for name in file.keys()
                  if ".mlp.gate" in name or "embed_tokens" in name}
    for i, copy in enumerate(copies):
        with safe_open(next(copy.glob("*.safetensors")), "pt") as file:
            if any(torch.equal(marked[name], file.get_tensor(name)) for name in marked):
                out.add(i)
    return out


def apply(bench, copies, attack, out):
    bench.run("attack", "collude", copies[0], "--with", ",".join(map(str, copies[1:])), "-o",
              bench / out, "--force", "--quiet", *attack_options(attack))


def spread(z):
    return f"{min(z):.1f} to {max(z):.1f}"


def outcome(answer, guilty):
    """Who is named, every colluder's z, the largest z of another, who is named wrongly."""
    z = {one["id"]: one["z"] for one in answer["licensees"]}
    named = {one["id"] for one in answer["licensees"]
             if one["verdict"] in ("detected", "conclusive")}
    others = [z[each] for each in z if each not in guilty]
    return {"named": named & guilty, "z": [z[each] for each in guilty], "others": max(others),
            "wrongly": named - guilty, "rounds": answer["rounds"]}


def row(bench, width, attack, suspect, release, copies):
    """The cells of the table, and the demands of the page that are not met."""
    lost = "" if bench.is_quick else f"{100 * error(suspect, release):.1f} %"
    given = givers(suspect, copies) if attack == "mixed-layers" else range(len(copies))
    cells = [str(width), str(len(copies)), attack, lost]
    found = {}
    for name, base in (("blind", None), ("subtracted", release)):
        one = outcome(bench.trace(suspect, base), {licensee(i) for i in given})
        cells += [f"{len(one['named'])} of {len(given)}", spread(one["z"]), f"{one['others']:.1f}"]
        found[name] = one
    cells.append(f"{found['blind']['rounds']}, {found['subtracted']['rounds']}")
    cells.append(f"{bench.owner_z(suspect):.1f}" if attack in ("mean", "cut") else "")
    return cells, faults(width, len(copies), attack, found)


def faults(width, colluders, attack, found):
    out = []
    for name, one in found.items():
        if one["others"] > INNOCENT_MAX:
            out.append(f"{name}: an innocent licensee at {one['others']:.1f}")
        out += [f"{name}: {each} is named and gave nothing" for each in one["wrongly"]]
    blind, subtracted = (min(map(abs, found[each]["z"])) for each in ("blind", "subtracted"))
    r = min(1024, 2 ** int(math.log2(width // 2)))
    if attack == "cut":
        if (colluders - 1) * 128 <= r // 4 and max(found["subtracted"]["z"]) < 9:
            out.append("the cut-out leaves nobody at 9")
        return out
    missed = len(found["subtracted"]["z"]) - len(found["subtracted"]["named"])
    if missed:
        out.append(f"{missed} are not named with the release subtracted")
    if attack in ("mean", "median", "minimum", "mixed-weights"):
        # The codes of K licensees share a score of at most 64.
        if subtracted < .85 * 64 / math.sqrt(colluders) - 2:
            out.append(f"a colluder at {subtracted:.1f} with the release subtracted")
        if colluders <= 3 and blind < 10:
            out.append(f"a colluder at {blind:.1f} blind")
    return out


def measure(bench, model, width, plan):
    """The rows of one model: cells and faults."""
    release = bench / "release"
    bench.embed(model, "release")
    for colluders, attacks in plan.items():
        for attack in attacks:
            sites = ["--sites", "ffn"] if attack == "cut" else []
            copies = copies_of(bench, release, colluders, sites)
            apply(bench, copies, attack, "attacked")
            cells, fault = row(bench, width, attack, bench / "attacked", release, copies)
            print("| " + " | ".join(cells) + " |", flush=True)
            yield cells, fault
    for path in [*bench.folder.glob("copy-*"), *bench.folder.glob("ffn-*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_table(rows):
    """Rows of the page that were not measured now stay; all are in the order of the plan."""
    text = PAGE.read_text()
    table = re.search(r"(?s)(?<=<!-- collusion\.py -->\n).*?(?=\n<!-- end -->)", text)
    known = {}
    for line in table[0].splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        known[tuple(cells[:3])] = cells
    known.update({tuple(cells[:3]): cells for cells in rows})
    order = [(str(width), str(copies), attack) for width, plan in PLAN
             for copies, attacks in plan.items() for attack in attacks]
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(known[name]) + " |" for name in order if name in known]
    PAGE.write_text(text[:table.start()] + "\n".join(lines) + text[table.end():])


def model_of(width, options, folder):
    """The real model, or a wide one that is made."""
    model = options.model or run.prepared_model()
    if width == 576:
        return model
    wide = folder / "wide"
    shutil.rmtree(wide, ignore_errors=True)
    subprocess.run([sys.executable, HERE / "synthetic.py", model, str(width), wide], check=True)
    return wide


def chosen(plan, width, copies):
    """The parts of the plan of this width and these numbers of copies."""
    for each, attacks in plan:
        kept = {k: of for k, of in attacks.items() if not copies or str(k) in copies.split(",")}
        if kept and width in (None, each):
            yield each, kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=TOP / "build" / "weightmark")
    parser.add_argument("--model")
    parser.add_argument("--folder")
    parser.add_argument("--ids", type=int, default=10000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--width", type=int)
    parser.add_argument("--copies", default="")
    options = parser.parse_args()
    report, rows = claims.Claims(), []
    with tempfile.TemporaryDirectory(prefix="weightmark-collusion-", dir=options.folder) as name:
        bench = Bench(options, pathlib.Path(name))
        plans = QUICK if options.quick else PLAN
        for width, plan in chosen(plans, options.width, options.copies):
            model = model_of(width, options, bench.folder)
            for cells, fault in measure(bench, model, width, plan):
                rows.append(cells)
                report.check(f"collusion: width {width}, {cells[1]} copies, {cells[2]}", fault)
    if options.update:
        write_table(rows)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
