#!/usr/bin/env python3
"""The page of `detect --logits --report`: does it agree with --json, and does a browser render it?

test_logits_page.py [--program build/weightmark]: marks the head of a small model, and makes a page
of its logits with the right key and one with a wrong key.
"""
import argparse
import json
import pathlib
import shlex
import sys
import tempfile

import checks
import program as tools
from page import Page
from program import claims, run

HOSTILE = "\"><img src=x onerror=alert(1)> '&lt; \u202egnp.npy"
MODEL = ["--hidden", "64", "--ffn", "128", "--layers", "1", "--vocabulary", "6000"]
HEADLINES = {"conclusive": "The output head behind these logits spans the mark of the key",
             "undecided": "No mark of the key was detected in these logits"}


def make_logits(folder, program):
    tools.script(folder, "make_model.py", "model", *MODEL)
    for key in ("right.key", "wrong.key"):
        run(program, folder, "keygen", key)
    run(program, folder, "embed", "model", "--key", "right.key", "-o", "marked", "--shares", "1",
        "--sites", "output", "--quiet")
    tools.script(folder, "make_logits.py", "marked", HOSTILE)


def detect(program, folder, key, page, logits=HOSTILE):
    return json.loads(run(program, folder, "detect", "--logits", logits, "--tokenizer", "model",
                          "--key", key, "--shares", "1", "--json", "--quiet", "--report", page))


def problems_of(found, page, text, secret):
    rows = {head: row["Value"] for head, row in page.rows().items() if "Value" in row}
    out = [] if rows["z"] == f"{found['z']:.2f}" else [f"z: {rows}"]
    out += [] if rows["Price"] == f"{found['price']:.0f}" else [f"price: {rows}"]
    headline = page.all("h1")[0][1]
    if not headline.startswith(HEADLINES[found["verdict"]]):
        out.append(headline)
    if "collected or witnessed by somebody without the key" not in text:
        out.append("the condition is missing")
    for file in found["files"]:
        out += [] if file["sha256"] in text else [f"no digest of {file['name']}"]
    return out + (["the key or a hidden character"] if secret in text or "\u202e" in text else [])


def repeated(program, folder):
    """Runs the command on a page; the same page must come."""
    (folder / HOSTILE).rename(folder / "it's logits.npy")
    detect(program, folder, "right.key", "first.html", "it's logits.npy")
    page = Page((folder / "first.html").read_text())
    words = [{"weightmark": str(program), "KEY": "right.key", "FILE.html": "again.html"}.get(word,
                                                                                            word)
             for word in shlex.split(page.all("code")[0][1])]
    run(words[0], folder, *words[1:], "--quiet")
    first, second = ((folder / name).read_text() for name in ("first.html", "again.html"))
    return [] if first == second else ["another page"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=tools.TOP / "build" / "weightmark", type=pathlib.Path)
    program = parser.parse_args().program.resolve()
    report = claims.Claims()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        make_logits(folder, program)
        secret = (folder / "right.key").read_text().split()[-1]
        for what, name in (("conclusive", "right"), ("undecided", "wrong")):
            path = folder / f"{name}.html"
            found = detect(program, folder, f"{name}.key", path)
            text = path.read_text()
            page = Page(text)
            report.check(f"logits, {what}: the verdict", found["verdict"] == what)
            checks.check_page(report, f"logits, {what}", page, 3, [])
            report.check(f"logits, {what}: the page says what --json says",
                         problems_of(found, page, text, secret))
        report.check("logits: the command on a page gives the same page",
                     repeated(program, folder))
        checks.check_in_browser(report, "logits", folder / "right.html")
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
