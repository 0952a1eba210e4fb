#!/usr/bin/env python3
"""Line coverage of the unit tests and the transcripts, by module; called by `./run coverage`.

Runs both on the programs of build-coverage/ and lets gcovr count. The last line is the figure.
"""
import collections
import json
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = TOP / "build-coverage"


def run(*command):
    """Tests that fail do not stop the counting, but they are reported."""
    done = subprocess.run([str(word) for word in command], cwd=TOP, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    if done.returncode:
        print(done.stdout[-2000:], f"coverage: {command[0]} failed", sep="\n", file=sys.stderr)
    return done.returncode


def covered_lines(report):
    """-> {module: [lines run, lines]}"""
    counts = collections.defaultdict(lambda: [0, 0])
    for source in report["files"]:
        for line in source["lines"]:
            if line.get("gcovr/noncode"):
                continue
            count = counts[source["file"].split("/")[0]]
            count[0] += line["count"] > 0
            count[1] += 1
    return counts


def main():
    for old in BUILD.rglob("*.gcda"):
        old.unlink()
    failed = run(BUILD / "tests" / "unit_tests")
    failed |= run("python3", "tests/cli/run_transcripts.py", "--program", BUILD / "weightmark")
    out = BUILD / "coverage.json"
    subprocess.run(["gcovr", "--root", str(TOP), "--object-directory", str(BUILD), "--json",
                    str(out), "--exclude", "build.*", "--exclude", "tests/", str(BUILD)],
                   cwd=TOP, check=True)
    counts = covered_lines(json.loads(out.read_text()))
    for module, (ran, lines) in sorted(counts.items()):
        print(f"{module:12} {100 * ran / lines:5.1f} %  of {lines} lines")
    ran, lines = (sum(count[i] for count in counts.values()) for i in (0, 1))
    print(f"{'all':12} {100 * ran / lines:5.1f} %  of {lines} lines")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
