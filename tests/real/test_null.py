#!/usr/bin/env python3
"""The null hypothesis on the real model: thousands of random keys that did not mark it.

Runs the unit tests tagged [real-null] on the model of prepare.py; if it is not available, the test
is skipped with the reason. 2,000 keys read a sixteenth of the neurons and a quarter of the heads
each; with --all, 200 keys read all weights, which takes a minute longer. 200 keys read the output
head, and a copy of its rows under carried labels. --keys N: so many for each of these.
"""
import os
import subprocess
import sys

import run


def main():
    environment = {**os.environ, "WMK_REAL_MODEL": str(run.prepared_model())}
    if "--all" in sys.argv[1:]:
        environment["WMK_NULL_ALL"] = "1"
    if "--keys" in sys.argv[1:]:
        environment["WMK_NULL_KEYS"] = sys.argv[sys.argv.index("--keys") + 1]
    program = run.TOP / "build" / "tests" / "unit_tests"
    sys.exit(subprocess.run([str(program), "[real-null]"], env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
