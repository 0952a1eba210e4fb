#!/usr/bin/env python3
"""Is the tree tidy: lengths, tabs, leftover markers, paths of one machine, unused files?

Lengths are a ratchet: ratchet.txt lists what is over its limit and how long it may be. A new excess
fails, and so does an entry that is no longer needed. `tidy.py --update` writes the list anew.
"""
import re
import sys

import dead_files
import lengths
from tree import TOP, claims, files, is_text, read

COLUMNS_MAX = 100
LINES_MAX = {"source": 200, "test": 300}
FUNCTION_LINES_MAX = {"source": 50, "test": 80}
RATCHET = TOP / "tests" / "house" / "ratchet.txt"
# Written apart, so that this file is not its own first finding.
MARKERS = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")) + r")\b")
MACHINE_PATHS = re.compile("(?<![A-Za-z0-9_.}])/(?:wo" "rk|ro" "ot|ho" "me|t" "mp)/")
CONFLICTS = re.compile(r"^(<{7}|>{7}) ")
REGISTRY_HOSTS = re.compile(r"py" r"pi\.org|python" r"hosted|deb\." r"debian|proxy\.go" r"lang")


def line_problems(path, text):
    """Sentences on single lines of one file."""
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{path}:{number}:"
        is_table = path.suffix == ".md" and line.startswith("|")
        is_session = path.parts[0] == "docs" and line.startswith(("$ ", "> ", "  ", "[", "not "))
        is_transcript = path.parts[:2] == ("tests", "cli") and path.suffix == ".txt"
        if len(line) > COLUMNS_MAX and not (is_table or is_transcript or is_session):
            problems.append(f"{where} {len(line)} columns")
        if "\t" in line:
            problems.append(f"{where} a tab")
        if line != line.rstrip() and not is_transcript:
            problems.append(f"{where} spaces at the end")
        for pattern, what in ((MARKERS, "a leftover marker"), (MACHINE_PATHS, "a machine's path"),
                              (CONFLICTS, "an unresolved merge"),
                              (REGISTRY_HOSTS, "a registry's host")):
            if pattern.search(line):
                problems.append(f"{where} {what}: {line.strip()}")
    if text and not text.endswith("\n"):
        problems.append(f"{path}: no newline at the end")
    return problems


def excesses(path, text):
    """{what: lines} for the file and its functions, where over their limit."""
    kind = "test" if path.parts[0] == "tests" else "source"
    out, count = {}, text.count("\n")
    if path.suffix in (".cc", ".h", ".py", ".sh", ".cmake") and count > LINES_MAX[kind]:
        out[str(path)] = count
    for name, count in lengths.functions(path, text):
        if count > FUNCTION_LINES_MAX[kind]:
            out[f"{path}:{name}"] = count
    return out


def read_ratchet():
    if not RATCHET.exists():
        return {}
    lines = [line for line in RATCHET.read_text().splitlines() if line and line[0] != "#"]
    return {what: int(count) for what, count in (line.rsplit(" ", 1) for line in lines)}


def write_ratchet(found):
    head = "# What is longer than it should be, and how long it may be (tidy.py --update).\n"
    RATCHET.write_text(head + "".join(f"{what} {count}\n" for what, count in sorted(found.items())))


def ratchet_problems(found, allowed):
    problems = [f"{what}: {count} lines, allowed {allowed.get(what, 'by the page of style')}"
                for what, count in found.items() if count > allowed.get(what, 0)]
    problems += [f"{what}: listed with {count}, now {found.get(what, 'within the limit')}: "
                 "lower it (tidy.py --update)"
                 for what, count in allowed.items() if found.get(what, 0) < count]
    return problems


def self_problems():
    """Planted faults that must be found."""
    from pathlib import PurePath as P
    bad = {"long": "x" * 101, "tab": "a\tb", "space": "a ", "marker": "// TO" "DO: later",
           "path": '"/wo' 'rk/main"', "merge": "<" * 7 + " HEAD",
           "unended": "a"}
    problems = [f"planted fault not found: {name}" for name, text in bad.items()
                if not line_problems(P("base/x.cc"), text if name == "unended" else text + "\n")]
    long_function = "int f() {\n" + "  g();\n" * 60 + "}\n"
    if excesses(P("base/x.cc"), long_function) != {"base/x.cc:f": 62}:
        problems.append("a long function was not found")
    if not ratchet_problems({}, {"a": 300}) or not ratchet_problems({"a": 301}, {"a": 300}):
        problems.append("the ratchet turns the wrong way")
    return problems


def main():
    texts = {path: read(path) for path in files() if is_text(path)}
    found = {}
    for path, text in texts.items():
        found.update(excesses(path, text))
    if "--update" in sys.argv[1:]:
        write_ratchet(found)
        return
    report = claims.Claims()
    report.check("tidy: planted faults are found", self_problems())
    report.check("tidy: lines are short and clean",
                 [problem for path, text in texts.items() for problem in line_problems(path, text)])
    report.check("tidy: files and functions are short", ratchet_problems(found, read_ratchet()))
    report.check("tidy: every file is used", dead_files.problems(texts, files()))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
