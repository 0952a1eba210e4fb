#!/usr/bin/env python3
"""The null on the real model: thousands of random keys, none of which marked it.

Runs the unit tests tagged [real-null] on the model that prepare.py makes; where that cannot be had
this is a skip that tells why. 2,000 keys read a sixteenth of the weights each; with --all, 200 keys
read all of them, a minute more.
"""
import os
import subprocess
import sys

import run


def main():
    environment = {**os.environ, "WMK_REAL_MODEL": str(run.prepared_model())}
    if "--all" in sys.argv[1:]:
        environment["WMK_NULL_ALL"] = "1"
    program = run.TOP / "build" / "tests" / "unit_tests"
    sys.exit(subprocess.run([str(program), "[real-null]"], env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
