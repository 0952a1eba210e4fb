#!/usr/bin/env python3
"""The null on the real model: thousands of random keys, none of which marked it.

Runs the unit tests tagged [real-null] on the model that prepare.py makes; where that cannot be had
this is a skip that tells why.
"""
import os
import subprocess
import sys

import run


def main():
    environment = {**os.environ, "WMK_REAL_MODEL": str(run.prepared_model())}
    program = run.TOP / "build" / "tests" / "unit_tests"
    sys.exit(subprocess.run([str(program), "[real-null]"], env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
