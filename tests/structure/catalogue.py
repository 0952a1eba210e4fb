#!/usr/bin/env python3
"""Does every catalogued thing bring what belongs to it?

Naming rules stand in their catalogue; each page of specs/ has a table clause -> test whose tests
exist; each command of the program has a transcript.
"""
import re
import subprocess
import sys

from tree import TOP, claims, files, read

TEST_CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
PROGRAM = TOP / "build" / "weightmark"


def rules_problems():
    folder = TOP / "checkpoint" / "naming"
    if not folder.is_dir():
        return ["checkpoint/naming: no such folder"]
    listed = re.findall(r"^[a-z0-9_]+$", (folder / "catalogue").read_text(), re.MULTILINE)
    present = {path.stem for path in folder.glob("*.rules")}
    problems = [f"{name}.rules: not in the catalogue" for name in sorted(present - set(listed))]
    problems += [f"catalogue: no {name}.rules" for name in listed if name not in present]
    problems += [f"catalogue: {name} twice" for name in set(listed) if listed.count(name) > 1]
    return problems


def test_names(texts):
    """Names of all Catch2 test cases."""
    names = set()
    for text in texts:
        for match in TEST_CASE.finditer(text):
            names.add("".join(STRING.findall(match[1])).replace('\\"', '"'))
    return names


def clause_rows(text):
    """-> list of the test cells of the clause tables, or None where there is no such table."""
    rows, column = None, None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|"):
            column = None
        elif cells[0].lower() == "clause":
            column = next((i for i, cell in enumerate(cells) if cell.lower() == "test"), None)
            rows = rows if column is None else (rows or [])
        elif column is not None and not set(line) <= set("|-: "):
            rows.append(cells[column] if column < len(cells) else "")
    return rows


def gaps(text):
    """Sentences on numbered clauses (A1, A2, ...) of which one is left out or stands twice."""
    numbered = {}
    for letter, number in re.findall(r"^\| ([A-Z])(\d+) \|", text, re.MULTILINE):
        numbered.setdefault(letter, []).append(int(number))
    return [f"the clauses {letter} are not 1, 2, 3 ..." for letter, found in numbered.items()
            if found != list(range(1, len(found) + 1))]


def spec_problems(name, text, tests):
    rows = clause_rows(text)
    if not rows:
        return [f"{name}: no table 'clause | test'"]
    problems = [f"{name}: {gap}" for gap in gaps(text)]
    for row in rows:
        for test in (part.strip().strip('`"') for part in row.split(";")):
            if test not in tests and not (test.startswith("tests/") and (TOP / test).exists()):
                problems.append(f"{name}: no test '{test}'")
    return problems


def commands(help_text):
    """Names below the heading of the (sub)commands in `weightmark --help`."""
    names, inside = [], False
    for line in help_text.splitlines():
        if re.match(r"^\S*commands:?\s*$", line, re.IGNORECASE):
            inside = True
        elif inside and (match := re.match(r"^ +([a-z][a-z-]*)(?:\s|$)", line)):
            names.append(match[1])
        elif inside and line and not line.startswith(" "):
            inside = False
    return names


def command_problems():
    if not PROGRAM.exists():
        return ["build/weightmark is missing: run ./run build first"]
    said = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=False).stdout
    names = commands(said)
    if not names:
        return ["weightmark --help lists no commands"]
    sessions = "\n".join(read(path) for path in files()
                         if path.parts[:2] == ("tests", "cli") and path.suffix == ".txt")
    return [f"{name}: no transcript in tests/cli runs it" for name in names
            if not re.search(rf"^\$ .*\bweightmark (?:-\S+ )*{name}\b", sessions, re.MULTILINE)]


def self_problems():
    """Planted faults that must be found."""
    page = "| clause | test |\n|---|---|\n| 1 | `a claim`; \"another\" |\n"
    problems = []
    if spec_problems("x.md", page, {"a claim", "another"}):
        problems.append("a good page was refused")
    if not spec_problems("x.md", page, {"a claim"}) or not spec_problems("x.md", "text", set()):
        problems.append("a bad page was taken")
    if gaps("| A1 |\n| A2 |\n| B1 |\n") or not gaps("| A1 |\n| A3 |\n"):
        problems.append("a clause that is left out was not found, or another was")
    if test_names(['TEST_CASE("one "\n          "name", "[tag]") {']) != {"one name"}:
        problems.append("a test name over two lines was not read")
    if commands("Usage: x\n\nSubcommands:\n  keygen   new key\n  detect\n\nMore:\n  no\n") != [
            "keygen", "detect"]:
        problems.append("the commands were not read from a help text")
    return problems


def main():
    tests = test_names(read(path) for path in files()
                       if path.parts[:2] == ("tests", "unit") and path.suffix == ".cc")
    specs = [path for path in files() if path.parts[0] == "specs" and path.suffix == ".md"]
    report = claims.Claims()
    report.check("catalogue: planted faults are found", self_problems())
    report.check("catalogue: naming rules and their catalogue agree", rules_problems())
    report.check("catalogue: there are specs", bool(specs))
    for path in specs:
        report.check(f"catalogue: {path} names its tests", spec_problems(path, read(path), tests))
    report.check("catalogue: every command has a transcript", command_problems())
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
