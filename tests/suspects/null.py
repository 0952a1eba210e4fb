#!/usr/bin/env python3
"""Null audit: does a disguise make z of random keys larger on a model that holds no mark?

null.py [--build DIR] [--model DIR] [--only WORD...] [--careful] [--carried] [--detect N]
[--jobs N]. Makes each suspect of rows.py from the unmarked model and reads it with 200 keys that
marked nothing, by unit tests: the deviation of z must be within .8 and 1.2, and no key may have p
under 1e-6 after the price. Where the plain sums of a site give every key z = 0, because weights
overflow, the suspect is read in careful windows, as `detect` does. --careful: in careful windows in
any case; --carried: also in the frame of a marked release whose key is another, and its careful
windows. --detect N: N keys through `detect` as well, with all readings and frames that the program
tries, the marked release of another key among them. Suspects whose readings need more than the
declared names are read by `detect` only.
"""
import argparse
import concurrent.futures
import dataclasses
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
PLAIN = "random keys on a real unmarked model keep to Hoeffding's bound"
DISGUISED = "[real-null-disguised]"
CAREFUL = {"ffn": "careful windows", "heads": "careful windows of heads"}
LINE = re.compile(r"null (?:on|in) ([\w ]+), (\w+) tags, .* "
                  r"deviation ([\d.]+), largest ([\d.]+)")


@dataclasses.dataclass
class Null:
    """What 200 keys read in one place with one tag rule."""
    where: str
    tags: str
    deviation: float
    largest: float

    def is_void(self):
        return self.deviation == 0 and self.largest == 0

    def short(self):
        z = "no z" if self.is_void() else f"{self.deviation:.3f}, at most {self.largest:.2f}"
        return f"{self.where}, {self.tags} {z}"


def run_tests(build, test, **names):
    """[Null], none if the declared names cannot be read."""
    done = subprocess.run([str(build / "tests" / "unit_tests"), test],
                          env={**os.environ, **{name: str(value) for name, value in names.items()}},
                          capture_output=True, text=True, check=False)
    return [Null(where.removesuffix(" of all of the weights"), tags, float(deviation),
                 float(largest)) for where, tags, deviation, largest in LINE.findall(done.stdout)]


def read_keys(build, suspect, release, options):
    out = run_tests(build, PLAIN, WMK_REAL_MODEL=suspect, WMK_NULL_ALL=1)
    if options.careful or any(each.is_void() for each in out):
        out += run_tests(build, DISGUISED, WMK_NULL_SUSPECT=suspect)
    if options.carried:
        out += run_tests(build, DISGUISED, WMK_NULL_SUSPECT=suspect, WMK_NULL_RELEASE=release)
    return out


def key_problems(found):
    """A site without any z also narrows that of all sites together; its own careful windows must
    have been read."""
    out, void = [], [each for each in found if each.is_void()]
    read = {(each.where, each.tags) for each in found if not each.is_void()}
    for each in void:
        if (CAREFUL.get(each.where), each.tags) not in read:
            out.append(f"{each.where}, {each.tags} tags: no z in plain sums or careful windows")
    for each in found:
        least = 0 if each.is_void() or (void and each.where == "all") else DEVIATION[0]
        if not least <= each.deviation <= DEVIATION[1]:
            out.append(f"{each.where}, {each.tags} tags: deviation {each.deviation:.3f}")
        if PRICE * math.exp(-each.largest**2 / 2) < P_MIN:
            out.append(f"{each.where}, {each.tags} tags: a key of 200 has z = {each.largest:.2f}")
    return out


def detect_problems(lab, suspect, keys):
    out = []
    for number in range(keys):
        key = lab.folder / f"random-{number}.key"
        with lab.shared:
            if not key.exists() and lab.run("keygen", key).returncode != 0:
                raise RuntimeError("keygen failed")
        for asked in ("blind", "release"):
            answer = lab.ask(rows.Question(asked, rows.NEVER_NO), suspect, key)
            if answer.verdict in shared.HITS or (answer.log10_p or 0) < math.log10(P_MIN):
                out.append(f"{asked}: {answer.short()} for a random key")
    return out


def audit(lab, build, row, options):
    """[(what was read, problems)]; nothing if it could not be read."""
    marked, plain = lab.base(row)
    suspect = lab.folder / f"{row.name}.null"
    try:
        lab.make(row.name, plain, suspect)
        out, found = [], read_keys(build, suspect, marked, options)
        if found:
            out.append(("; ".join(each.short() for each in found), key_problems(found)))
        if options.detect:
            out.append((f"{options.detect} keys through detect",
                        detect_problems(lab, suspect, options.detect)))
        return out
    finally:
        shutil.rmtree(suspect, ignore_errors=True)


def audit_all(lab, build, options):
    wanted = [row for row in rows.ROWS
              if not options.only or any(word in row.name for word in options.only)]
    report = claims.Claims()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda row: audit(lab, build, row, options), wanted)
        for row, found in zip(wanted, results):
            for text, problems in found:
                report.check(f"null: {row.name}: {text}", problems)
            if not found:
                report.skip(f"null: {row.name}", "its declared names cannot be read")
    return report.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=shared.TOP / "build")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", help="rows with one of these words in their name")
    parser.add_argument("--careful", action="store_true", help="careful windows as well")
    parser.add_argument("--carried", action="store_true", help="a carried frame as well")
    parser.add_argument("--detect", type=int, default=0, help="keys through the program as well")
    parser.add_argument("--jobs", type=int, default=1, help="suspects at the same time")
    options = parser.parse_args()
    model = options.model or shared.real.prepared_model()
    if not prepare.environment():
        prepare.skip("numpy cannot be installed")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-null-"))
    try:
        lab = shared.Lab((options.build / "weightmark").resolve(), model.resolve(), folder)
        return audit_all(lab, options.build.resolve(), options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
