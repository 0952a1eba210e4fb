#!/usr/bin/env python3
"""Null audit: does a disguise make z of random keys larger on a model that holds no mark?

null.py [--build DIR] [--model DIR] [--only WORD...] [--careful] [--carried] [--detect N]. Makes
each suspect of rows.py from the unmarked model and reads it with 200 keys that marked nothing, by
the unit tests [real-null] and [real-null-disguised]: the deviation of z must be within .8 and 1.2,
and no key may have p under 1e-6 after the price. --careful: in careful windows as well; --carried:
also in the frame of a marked release whose key is another, and its careful windows. --detect N: N
keys through `detect` as well, with all readings and frames that the program tries, the marked
release of another key among them. Suspects whose readings need more than the declared names are
read by `detect` only.
"""
import argparse
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import lab as shared
import rows

import claims  # found by lab.py
import prepare

DEVIATION, P_MIN, PRICE = (0.8, 1.2), 1e-6, 112  # the price of the first place of the list
LINE = re.compile(r"null (?:on|in) ([\w ]+), (\w+) tags, .* "
                  r"deviation ([\d.]+), largest ([\d.]+)")


def run_tests(build, tag, **names):
    """[(where and tags, deviation, largest z)], or none if the declared names cannot be read."""
    done = subprocess.run([str(build / "tests" / "unit_tests"), tag],
                          env={**os.environ, **{name: str(value) for name, value in names.items()}},
                          capture_output=True, text=True, check=False)
    return [(f"{where}, {tags}", float(deviation), float(largest))
            for where, tags, deviation, largest in LINE.findall(done.stdout)]


def read_keys(build, suspect, release, options):
    out = run_tests(build, "[real-null]", WMK_REAL_MODEL=suspect, WMK_NULL_ALL=1)
    if options.careful:
        out += run_tests(build, "[real-null-disguised]", WMK_NULL_SUSPECT=suspect)
    if options.carried:
        out += run_tests(build, "[real-null-disguised]", WMK_NULL_SUSPECT=suspect,
                         WMK_NULL_RELEASE=release)
    return out


def key_problems(found):
    out = []
    for tags, deviation, largest in found:
        if not DEVIATION[0] <= deviation <= DEVIATION[1]:
            out.append(f"{tags} tags: deviation {deviation:.3f}")
        if PRICE * math.exp(-largest**2 / 2) < P_MIN:
            out.append(f"{tags} tags: z = {largest:.2f} for one of 200 keys")
    return out


def detect_problems(lab, suspect, keys):
    out = []
    for number in range(keys):
        key = lab.folder / f"random-{number}.key"
        if not key.exists() and lab.run("keygen", key).returncode != 0:
            raise RuntimeError("keygen failed")
        for asked in ("blind", "release"):
            answer = lab.ask(rows.Question(asked, rows.NEVER_NO), suspect, key)
            if answer.verdict in shared.HITS or (answer.log10_p or 0) < math.log10(P_MIN):
                out.append(f"{asked}: {answer.short()} for a random key")
    return out


def audit(lab, build, row, options, report):
    marked, plain = lab.base(row)
    suspect = lab.folder / "suspect"
    try:
        lab.make(row.name, plain, suspect)
        found = read_keys(build, suspect, marked, options)
        text = ", ".join(f"{tags} {deviation:.3f}, at most {largest:.2f}"
                         for tags, deviation, largest in found)
        if found:
            report.check(f"null: {row.name}: {text}", key_problems(found))
        if options.detect:
            report.check(f"null: {row.name}, {options.detect} keys through detect",
                         detect_problems(lab, suspect, options.detect))
        elif not found:
            report.skip(f"null: {row.name}", "its declared names cannot be read")
    finally:
        shutil.rmtree(suspect, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=shared.TOP / "build")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", help="rows with one of these words in their name")
    parser.add_argument("--careful", action="store_true", help="careful windows as well")
    parser.add_argument("--carried", action="store_true", help="a carried frame as well")
    parser.add_argument("--detect", type=int, default=0, help="keys through the program as well")
    options = parser.parse_args()
    model, report = options.model or shared.real.prepared_model(), claims.Claims()
    if not prepare.environment():
        prepare.skip("numpy cannot be installed")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-null-"))
    try:
        lab = shared.Lab((options.build / "weightmark").resolve(), model.resolve(), folder)
        for row in rows.ROWS:
            if not options.only or any(word in row.name for word in options.only):
                audit(lab, options.build.resolve(), row, options, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
