#!/usr/bin/env python3
"""Does the page of `compare --report` agree with --json, and does a browser show it?

test_compare_page.py [--program build/weightmark]: makes small models with experts, one pair derived
and one unrelated, in folders and files with hostile names. The contents of the page are checked
without a browser; Chromium, if it is installed, renders the page light and dark, wide and narrow.
"""
import argparse
import collections
import json
import math
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import checks
from page import Page

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

HOSTILE = "\"><img src=x onerror=alert(1)> '&lt; \u202egnp"
NOTICE = ("Copyright 2024 The <script>alert(1)</script> Team\n"
          "Copyright 2023 </td></table><svg onload=alert(1)>\n"
          "Copyright 2022 javascript:alert(1) https://example.org/x.js \u202e\u200b\x1b[31m\n")
MODEL = ["--hidden", "128", "--ffn", "320", "--layers", "6", "--vocabulary", "700"]
HEADLINES = {"derived": "The two models share weights in independent places",
             "no_shared_weights": "Nothing agrees beyond chance",
             "shared_component": "One component is shared, which does not speak about the rest"}


def make_models(folder, program):
    """The reference, and two mixtures of experts: one made from it, one from an unrelated model."""
    for name, seed in (("reference", "1"), ("other", "2")):
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / name, "--seed",
                        seed, *MODEL], check=True, stdout=subprocess.DEVNULL)
    for name, source in ((HOSTILE, "reference"), ("unrelated", "other")):
        subprocess.run([program, "attack", "upcycle", folder / source, "-o", folder / name,
                        "--experts", "4", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    suspect = folder / HOSTILE
    (suspect / "NOTICE").write_text(NOTICE)
    (suspect / "LICENSE <b onclick=x>.txt").write_text("Terms of <i>Others</i>\n")
    (folder / "reference" / "COPYING").write_text(NOTICE.splitlines()[0] + "\n")
    take_embedding(folder / "other", folder / "reference", folder / "embedded")


def take_embedding(source, giver, out):
    """A copy of `source` with the token embedding of `giver`: in equal places of their files."""
    shutil.copytree(source, out)
    theirs = (giver / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", theirs[:8])[0]
    begin, end = json.loads(theirs[8:8 + size])["model.embed_tokens.weight"]["data_offsets"]
    with open(out / "model.safetensors", "r+b") as file:
        file.seek(8 + size + begin)
        file.write(theirs[8 + size + begin:8 + size + end])
    shutil.copy(giver / "tokenizer.json", out)


def compare(program, folder, suspect, report, *more):
    done = subprocess.run([program, "compare", suspect, "reference", "--by-expert", "--json",
                           "--report", report, "--quiet", "--seed", "7", *more], cwd=folder,
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"not ok - compare runs\n    {done.stderr}")
    return json.loads(done.stdout)


def p_bound(log10_p):
    if log10_p is None:
        return "\u2013"
    if log10_p >= 0:
        return "1"
    if log10_p <= -3:
        return f"< 10^{math.ceil(log10_p)}"
    steps = math.ceil(10 ** log10_p * 1e4)
    return f"< {steps / 1e4:.4f}" if steps < 1e4 else "1"


def log_text(log10_p):
    """Rounded up, without "-0.0"."""
    return f"{math.ceil(log10_p * 10) / 10:.1f}" if log10_p <= -.1 else "0.0"


def test_row_problems(test, rows):
    heads = [head for head in rows if head.startswith(test["name"])]
    if len(heads) < 1:
        return [f"no row of {test['name']}"]
    row, log10_p = rows[heads[0]], test["log10_p"]
    dash, ran = "\u2013", test["verdict"] != "not run"
    wanted = {"p": p_bound(log10_p), "log10 p": dash if log10_p is None else log_text(log10_p),
              "Value": f"{test['value']:.2f}" if ran else dash, "Kind": test["kind"],
              "Null hypothesis": test["null"], "Verdict": test["verdict"],
              "Hypotheses": dash if log10_p is None else f"{test['hypotheses']:.0f}"}
    return [f"{test['name']}: {name} is {row.get(name)!r}, not {value!r}"
            for name, value in wanted.items() if row.get(name) != value]


def map_problems(found, page):
    """The layer map has a cell for each value, shaded by its square root."""
    values = found["layer_scores"]["values"]
    cells = page.inside("layers", "rect", "cell")
    if len(cells) != len(values) or not values:
        return [f"{len(cells)} cells for {len(values)} scores"]
    return [f"cell {i} has {attrs['fill-opacity']}, score {value}"
            for i, ((attrs, _), value) in enumerate(zip(cells, values))
            if abs(float(attrs["fill-opacity"]) - math.sqrt(value)) > 1e-3]


def expert_problems(found, page):
    sums = collections.defaultdict(lambda: [0, 0])
    for entry in found["experts"]:
        sums[entry["expert"]][0] += entry["share"] * entry["sampled"]
        sums[entry["expert"]][1] += entry["sampled"]
    bars = [attrs for attrs, _ in page.all("rect", "full")]
    problems = [] if len(bars) == len(sums) == 4 else [f"{len(bars)} bars, {len(sums)} experts"]
    for attrs, (share, sampled) in zip(bars, sums.values()):
        if abs(float(attrs["width"].rstrip("%")) - 100 * share / sampled) > .01:
            problems.append(f"a bar of {attrs['width']} for {100 * share / sampled:.2f} %")
    cells = page.inside("experts", "rect", "cell")
    shares = {(entry["layer"], entry["expert"]): entry["share"] for entry in found["experts"]}
    if len(cells) != len(shares):
        return problems + [f"{len(cells)} cells for {len(shares)} experts of layers"]
    # 6 layers and 4 experts: the longer side is horizontal.
    in_order = [share for _, share in sorted(shares.items(), key=lambda item: item[0][::-1])]
    return problems + [f"a cell of {attrs['fill-opacity']} for {share:.3f}"
                       for (attrs, _), share in zip(cells, in_order)
                       if abs(float(attrs["fill-opacity"]) - share) > 1e-3]


def curve_problems(page):
    lines = page.inside("curves", "polyline")
    points = {len(attrs["points"].split()) for attrs, _ in lines}
    return [] if len(lines) == 8 and points == {6} else [f"{len(lines)} curves of {points} points"]


def check_contents(report, what, found, page, folder, suspect):
    checks.check_page(report, what, page, 6, [folder / suspect, folder / "reference"])
    headings = [text for _, text in page.all("h1")]
    report.check(f"{what}: the page shows the verdict and its reason",
                 headings == [HEADLINES[found["verdict"]]] and found["reason"] in page.source)
    marked = [text for attrs, text in page.all("li", "here")]
    report.check(f"{what}: one rule is marked, and it gives this verdict",
                 len(marked) == 1 and f"{what.replace('_', ' ')}. \u2190 this rule" in marked[0])
    rows = page.rows()
    report.check(f"{what}: each test has its null, value, p, kind, hypotheses and verdict",
                 [problem for test in found["tests"] for problem in test_row_problems(test, rows)])
    report.check(f"{what}: the map has a cell for each pair of layers", map_problems(found, page))
    report.check(f"{what}: each expert has a bar, and a cell in each layer",
                 expert_problems(found, page))
    report.check(f"{what}: the curves have a point for each layer", curve_problems(page))


def check_hostile(report, found, page):
    shown = "".join(text for _, text in page.all("body"))
    problems = [f"'{words}' is not shown as text" for words in
                ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></table>",
                 "LICENSE <b onclick=x>.txt:1", "\\u{202e}", "\\u{200b}", "\\x1b[31m")
                if words not in shown]
    problems += [f"U+{ord(hidden):04X} is on the page" for hidden in "\u202e\u200b\x1b"
                 if hidden in page.source]
    report.check("hostile names and notices are shown as text", problems)
    kinds = {(entry["file"], entry["line"], entry["kind"]) for entry in found["notices"]}
    both = [entry["in_reference"] for entry in found["notices"] if entry["in_reference"]]
    report.check("notices are listed with file and line, also those of the reference",
                 {("NOTICE", 1, "copyright"), ("NOTICE", 2, "copyright")} <= kinds
                 and {"file": "COPYING", "line": 1} in both
                 and all(f"{entry['file']}:{entry['line']}" in shown
                         for entry in found["notices"] if "\\" not in entry["file"]))


def check_direction(report, what, found, page):
    """Direction is what structure shows (experts); nothing comes from anything."""
    shown, direction = "".join(text for _, text in page.all("body")), found["direction"] or ""
    problems = [] if ("upcycled" in direction) == (what == "derived") else [f"{direction!r}"]
    problems += [] if direction[1:] in shown else ["the page does not state it"]
    problems += [] if ("What structure shows." in shown) == (what == "derived") else ["heading"]
    problems += [f"'{words}' is said" for words in ("from the reference", "comes from the suspect")
                 if words in shown]
    report.check(f"{what}: direction is what structure shows", problems)


def check_component(report, found, page):
    """A component that both sides may have from a third: named, and nothing more."""
    what = "shared_component"
    report.check(f"{what}: that is the verdict, and it names the token embedding",
                 found["verdict"] == what and found["shared_component"] == "the token embedding")
    shown = "".join(text for _, text in page.all("body"))
    marked = [text for attrs, text in page.all("li", "here")]
    report.check(f"{what}: the page shows it, its rule and that it does not speak about the rest",
                 [text for _, text in page.all("h1")] == [HEADLINES[what]]
                 and found["reason"] in shown and "does not speak about the rest" in shown
                 and len(marked) == 1 and "shared component. \u2190 this rule" in marked[0])
    rows = page.rows()
    report.check(f"{what}: each test has its null, value, p, kind, hypotheses and verdict",
                 [problem for test in found["tests"] for problem in test_row_problems(test, rows)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=TOP / "build" / "weightmark", type=pathlib.Path)
    program = parser.parse_args().program.resolve()
    report = claims.Claims()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        make_models(folder, program)
        for what, suspect in (("derived", HOSTILE), ("no_shared_weights", "unrelated")):
            path = folder / f"{what}.html"
            found = compare(program, folder, suspect, path)
            text = path.read_text()
            report.check(f"{what}: that is the verdict", found["verdict"] == what)
            check_contents(report, what, found, Page(text), folder, suspect)
            if what == "derived":
                check_hostile(report, found, Page(text))
                compare(program, folder, suspect, folder / "again.html", "--threads", "1")
                report.check("the same comparison gives the same page, byte for byte",
                             (folder / "again.html").read_text() == text)
            checks.check_in_browser(report, what, path)
            check_direction(report, what, found, Page(text))
        path = folder / "component.html"
        found = compare(program, folder, "embedded", path)
        check_component(report, found, Page(path.read_text()))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
