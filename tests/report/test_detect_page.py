#!/usr/bin/env python3
"""The page of `detect --report`: does it agree with --json, and does a browser render it?

test_detect_page.py [--program build/weightmark]: marks a small model in a folder with a hostile
name, and makes one page with the right key and one with a wrong key.
"""
import argparse
import json
import math
import pathlib
import shlex
import shutil
import sys
import tempfile

import checks
import program as tools
from page import Page
from program import claims, run

HOSTILE = "\"><img src=x onerror=alert(1)> '&lt; \u202egnp"
MODEL = ["--hidden", "256", "--ffn", "640", "--layers", "6", "--vocabulary", "4000"]
HEADLINES = {"conclusive": "This checkpoint carries the mark of the key",
             "undecided": "No mark of the key was detected, but a weak one cannot be excluded"}


def make_marked(folder, program):
    tools.script(folder, "make_model.py", "model", *MODEL)
    for key in ("right.key", "wrong.key"):
        run(program, folder, "keygen", key)
    run(program, folder, "embed", "model", "--key", "right.key", "-o", HOSTILE, "--strength",
        "0.03", "--shares", "1", "--record", "right.mark", "--quiet")


def detect(program, folder, key, report, *more):
    return json.loads(run(program, folder, "detect", HOSTILE, "--key", key, "--shares", "1",
                          "--by-layer", "--json", "--quiet", "--report", report, *more))


def log_text(log10_p):
    """Rounded up, without "-0.0"."""
    return f"{math.ceil(log10_p * 10) / 10:.1f}" if log10_p <= -.1 else "0.0"


def number_problems(found, page):
    rows = {head: row["Value"] for head, row in page.rows().items() if "Value" in row}
    wanted = {"z": f"{found['z']:.2f}", "log10 p": log_text(found["log10_p"]),
              "Price": f"{found['price']:.0f}",
              "z of share 0": f"{found['shares'][0]['z']:.2f}"}
    return [f"{name} is not {value}: {rows}" for name, value in wanted.items()
            if not any(head.startswith(name) and shown == value for head, shown in rows.items())]


def bar_problems(found, page):
    top = max(4, *(group["z"] for group in found["layers"]))
    wanted = [100 * max(0, group["z"]) / top for group in found["layers"]]
    shown = [float(attrs["width"].rstrip("%")) for attrs, _ in page.all("rect", "full")]
    # Neurons and heads of six layers, and the output head where it was read.
    problems = [] if len(shown) == len(wanted) in (12, 13) else [f"{len(shown)} bars"]
    return problems + [f"a bar of {bar} for {share:.2f}" for bar, share in zip(shown, wanted)
                       if abs(bar - share) > .01]


def check_page(report, what, found, text, folder):
    page = Page(text)
    report.check(f"{what}: the page has this verdict and its headline",
                 found["verdict"] == what
                 and [words for _, words in page.all("h1")] == [HEADLINES[what]])
    checks.check_page(report, what, page, 3, [folder / HOSTILE])
    report.check(f"{what}: the numbers are those of --json", number_problems(found, page))
    report.check(f"{what}: each layer has its bar", bar_problems(found, page))
    secret = (folder / "right.key").read_text().split()[-1]
    report.check(f"{what}: the page has the fingerprint of the key, not the key",
                 found["key"] in text and secret not in text and "\u202e" not in text)


def reproduction_problems(program, folder):
    """Runs the command that a page gives, with every option, and compares the answers."""
    shutil.copytree(folder / HOSTILE, folder / "it's marked")
    rules = tools.TOP / "checkpoint" / "naming" / "llama.rules"
    options = ["--record", "right.mark", "--naming", str(rules), "--control", "model", "--share",
               "0", "--full", "--by-layer", "--alpha", "1.5e-7"]
    first = json.loads(run(program, folder, "detect", "it's marked", "--key", "right.key", "--json",
                           "--quiet", "--report", "first.html", *options))
    commands = [words for _, words in Page((folder / "first.html").read_text()).all("code")]
    if len(commands) != 1:
        return [f"{len(commands)} commands"]
    problems = [f"{option} is missing: {commands[0]}" for option in options
                if option.startswith("--") and f" {option}" not in commands[0]]
    words = [str(program) if word == "weightmark" else "right.key" if word == "KEY"
             else "second.html" if word == "FILE.html" else word
             for word in shlex.split(commands[0])]
    second = json.loads(run(*words[:1], folder, *words[1:], "--json", "--quiet"))
    if second["verdict"] != first["verdict"] or abs(second["z"] - first["z"]) > 0.05:
        problems.append(f"{second['verdict']}, z = {second['z']}, after {first['z']}")
    pages = [(folder / name).read_text() for name in ("first.html", "second.html")]
    problems += [] if pages[0] == pages[1] else ["another page"]
    for digest in ("tokenizer", "embedding"):
        problems += [] if first["model"][digest] in pages[0] else [f"no digest of the {digest}"]
    for digest in ("record", "naming", "program"):
        problems += [] if first[digest] in pages[0] else [f"no digest of the {digest}"]
    if "naming file was not fitted" not in pages[0]:
        problems.append("the page lacks the condition")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=tools.TOP / "build" / "weightmark", type=pathlib.Path)
    program = parser.parse_args().program.resolve()
    report = claims.Claims()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        make_marked(folder, program)
        for what, key in (("conclusive", "right.key"), ("undecided", "wrong.key")):
            path = folder / f"{key}.html"
            found = detect(program, folder, key, path)
            check_page(report, what, found, path.read_text(), folder)
        checks.check_in_browser(report, what, path)
        report.check("the command on a page, with every option, gives the same answer",
                     reproduction_problems(program, folder))
        again = folder / "again.html"
        detect(program, folder, key, again, "--threads", "1")
        report.check("the same search gives the same page, byte for byte",
                     again.read_text() == path.read_text())
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
