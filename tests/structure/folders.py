#!/usr/bin/env python3
"""How many units does each folder hold? Prints the list; more than 20 in one folder fails.

A unit is a header with its source, or a script. Pages, vectors, corpora, transcripts and naming
rules are data and do not count.
"""
import collections
import sys

from tree import claims, files

UNITS_MAX = 20
CODE = {".h", ".cc", ".py", ".sh", ".proto", ".cmake"}


def units(paths):
    """{folder: number of units}"""
    found = collections.defaultdict(set)
    for path in paths:
        if path.suffix in CODE:
            found[path.parent.as_posix()].add(path.stem)
    return {folder: len(stems) for folder, stems in found.items()}


def problems(counts):
    return [f"{folder}: {count} units, at most {UNITS_MAX}"
            for folder, count in sorted(counts.items()) if count > UNITS_MAX]


def main():
    from pathlib import PurePath as P
    counts = units(files())
    for folder, count in sorted(counts.items()):
        print(f"{count:4} {folder}")
    report = claims.Claims()
    planted = units([P(f"a/{i}.h") for i in range(21)] + [P(f"b/{i % 20}.cc") for i in range(40)])
    report.check("folders: a planted folder of 21 units is found", len(problems(planted)) == 1)
    report.check("folders: no folder holds more than 20 units", problems(counts))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
