#!/usr/bin/env python3
"""Licensees who put their copies together: the table of specs/licensees.md 5.

collusion.py [--program PATH] [--model FOLDER] [--folder SCRATCH] [--ids N] [--quick] [--update]

Marks the real model (prepare.py) for its owner, and copies of it for K licensees; applies each
attack of `weightmark attack collude`; traces the result among N ids, blind and with the release
subtracted. The cut-out is also applied to wider models (synthetic.py). That, and errors of
products, need numpy, torch and safetensors, and 5 GB in SCRATCH, which is emptied at the end.
--quick: three colluders, two attacks, on the real model only, without errors. --update writes the
table into the page. Exit code 1 if a demand of the page is not met.
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
ALPHA = 1e-9
INNOCENT_MAX = 5.5     # of 10,000 ids: exp(-5.5^2 / 2) x 10,000 = 2.7e-3
AT_ONCE = 12           # copies of the whole model on disk; of more, a quarter of each at a time
LISTED = 20            # that `trace` always lists
MIXES = ["mean", "median", "minimum", "mixed-weights", "mixed-layers"]
PLAN = {2: ["mean", "minimum", "2a-b", "mixed-weights", "mixed-layers", "cut"],
        3: MIXES + ["a+b-c", "2a-b", "cut"], 5: MIXES, 10: MIXES, 50: MIXES}
WIDTHS = [2048, 4096]
HEAD = ["width", "copies", "attack", "error", "blind: named", "z", "others", "release subtracted: "
        "named", "z", "others", "owner's z"]


def licensee(number):
    return f"licensee-{number}"


class Bench:
    def __init__(self, options, folder):
        self.program, self.folder = str(pathlib.Path(options.program).resolve()), folder
        self.ids, self.is_quick = options.ids, options.quick
        shutil.copy(KEY, self / "key")
        (self / "key").chmod(0o600)

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

    def trace(self, suspect, ids, base):
        """z of everybody who is listed, in that order."""
        (self / "ids").write_text("".join(f"{each}\n" for each in ids))
        more = ["--base", base] if base else []
        answer = json.loads(self.run("trace", suspect, "--key", self / "key", "--licensees",
                                     self / "ids", "--json", *more, fine=(0, 1, 3)))
        return {one["id"]: one["z"] for one in answer["licensees"]}

    def owner_z(self, suspect):
        answer = json.loads(self.run("detect", suspect, "--key", self / "key", "--full", "--json",
                                     fine=(0, 1, 3)))
        return answer["z"]

    def scores(self, suspect, colluders, base):
        """z of every colluder, and the largest of everybody else."""
        guilty = [licensee(i) for i in range(colluders)]
        z = self.trace(suspect, map(licensee, range(self.ids)), base)
        others = [z[each] for each in z if each not in guilty]
        if not others:
            others = list(self.trace(suspect, map(licensee, range(colluders, self.ids)),
                                     base).values())
        missing = [each for each in guilty if each not in z]
        for first in range(0, len(missing), LISTED):
            z.update(self.trace(suspect, missing[first:first + LISTED], base))
        return [z[each] for each in guilty], max(others)

    def threshold(self):
        """z that names one of the ids in the first place of the list at 10^-9."""
        return math.sqrt(2 * math.log(16 * self.ids / ALPHA))


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


def make_copies(bench, release, colluders, sites, shard):
    """A folder for each licensee; with `shard`, only that file is his, the others the release's."""
    names = []
    for i in range(colluders):
        out = f"copy-{i}"
        bench.embed(release, out, "--licensee", licensee(i), *sites)
        names.append(bench / out)
        if shard is None:
            continue
        for path in (bench / out).glob("*.safetensors"):
            if path.name != shard:
                path.unlink()
                path.hardlink_to(release / path.name)
    return names


def collude(bench, release, colluders, attacks, sites):
    """The attacked models, as (attack, folder); each is gone when the next one is asked for."""
    if colluders <= AT_ONCE:
        copies = make_copies(bench, release, colluders, sites, None)
        for attack in attacks:
            apply(bench, copies, attack, "attacked")
            yield attack, bench / "attacked"
        return
    bench.run("attack", "reshard", release, "--shards", 4, "-o", bench / "shards", "--force")
    shards = sorted(path.name for path in (bench / "shards").glob("*.safetensors"))
    for shard in shards:
        copies = make_copies(bench, bench / "shards", colluders, sites, shard)
        for attack in attacks:
            apply(bench, copies, attack, "attacked")
            if not (bench / attack).exists():
                shutil.copytree(bench / "attacked", bench / attack, ignore=lambda folder, names: [
                    name for name in names if name.endswith(".safetensors")])
            (bench / "attacked" / shard).rename(bench / attack / shard)
    for i in range(colluders):
        shutil.rmtree(bench / f"copy-{i}")
    for attack in attacks:
        yield attack, bench / attack
        shutil.rmtree(bench / attack)


def apply(bench, copies, attack, out):
    bench.run("attack", "collude", copies[0], "--with", ",".join(map(str, copies[1:])), "-o",
              bench / out, "--force", "--quiet", *attack_options(attack))


def spread(z):
    return f"{min(z):.1f} to {max(z):.1f}"


def row(bench, width, colluders, attack, suspect, release):
    lost = "" if bench.is_quick else f"{100 * error(suspect, release):.1f} %"
    cells = [str(width), str(colluders), attack, lost]
    best, innocent = {}, 0
    for base in (None, release):
        z, others = bench.scores(suspect, colluders, base)
        named = sum(abs(each) >= bench.threshold() for each in z)
        cells += [f"{named}", spread(z), f"{others:.1f}"]
        best["subtracted" if base else "blind"] = z
        innocent = max(innocent, others)
    cells.append(f"{bench.owner_z(suspect):.1f}")
    return cells, best, innocent


def faults(width, colluders, attack, best, innocent):
    """Demands of the page that a row does not meet."""
    out = []
    if innocent > INNOCENT_MAX:
        out.append(f"an innocent licensee at {innocent:.1f}")
    blind, subtracted = (min(map(abs, best[each])) for each in ("blind", "subtracted"))
    r = min(1024, 2 ** int(math.log2(width // 2)))
    if attack == "cut":
        if (colluders - 1) * 128 <= r // 4 and max(best["subtracted"]) < 9:
            out.append("the cut-out leaves nobody at 9")
    elif attack in ("mean", "median", "minimum", "mixed-weights"):
        # The codes of K licensees share a score of at most 64.
        if subtracted < .85 * 64 / math.sqrt(colluders) - 2:
            out.append(f"a colluder at {subtracted:.1f} with the release subtracted")
        if colluders <= 3 and blind < 8:
            out.append(f"a colluder at {blind:.1f} blind")
    return out


def measure(bench, model, width, plan, sites):
    release = bench / "release"
    bench.embed(model, "release", *sites)
    for colluders, attacks in plan.items():
        for attack, suspect in collude(bench, release, colluders, attacks, sites):
            cells, best, innocent = row(bench, width, colluders, attack, suspect, release)
            print("| " + " | ".join(cells) + " |", flush=True)
            yield cells, faults(width, colluders, attack, best, innocent)
    for path in bench.folder.glob("copy-*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_table(rows):
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(cells) + " |" for cells in rows]
    text = PAGE.read_text()
    new = re.sub(r"(?s)(<!-- collusion\.py -->\n).*?(?=\n<!-- end -->)",
                 lambda found: found[1] + "\n".join(lines), text)
    PAGE.write_text(new)


def parts_of(options, folder):
    """(model, width, attacks by number of copies), one after the other; wide models are made."""
    model = options.model or run.prepared_model()
    yield model, 576, {3: ["mean", "a+b-c"]} if options.quick else PLAN
    for width in [] if options.quick else WIDTHS:
        wide = folder / "wide"
        shutil.rmtree(wide, ignore_errors=True)
        subprocess.run([sys.executable, HERE / "synthetic.py", model, str(width), wide], check=True)
        yield wide, width, {2: ["mean", "cut"], 3: ["mean", "cut"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=TOP / "build" / "weightmark")
    parser.add_argument("--model")
    parser.add_argument("--folder")
    parser.add_argument("--ids", type=int, default=10000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    report, rows = claims.Claims(), []
    with tempfile.TemporaryDirectory(prefix="weightmark-collusion-", dir=options.folder) as name:
        bench = Bench(options, pathlib.Path(name))
        for model, width, plan in parts_of(options, bench.folder):
            for cells, fault in measure(bench, model, width, plan, ["--sites", "ffn"]):
                rows.append(cells)
                report.check(f"collusion: width {width}, {cells[1]} copies, {cells[2]}", fault)
    if options.update:
        write_table(rows)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
