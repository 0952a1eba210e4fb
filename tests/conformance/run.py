#!/usr/bin/env python3
"""Runs the public OpenSSF Model Signing conformance suite on the program, offline.

The suite lies in ../shared/conformance beside the source tree (WMK_CONFORMANCE names another
place). Needs pytest, pytest-json-report, jsonschema and referencing: those of this Python, or of a
virtual environment below build/. Keyless cases are left out. Where something is missing it says so
and counts as skipped: our own copies of what matters are in tests/unit/sign.
"""
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import python_venv  # noqa: E402

CLAIM = "conformance: all offline cases of the OpenSSF Model Signing suite pass"
CASES = 59
MODULES = {"pytest": "pytest", "pytest_jsonreport": "pytest-json-report",
           "jsonschema": "jsonschema", "referencing": "referencing"}


def main():
    report = claims.Claims()
    suite = pathlib.Path(os.environ.get("WMK_CONFORMANCE", TOP.parent / "shared" / "conformance"))
    runner = suite / "run-oms"
    if not runner.exists():
        report.skip(CLAIM, "the suite is not there (WMK_CONFORMANCE may name it)")
        return report.finish()
    python = python_venv.with_modules(MODULES, "conformance")
    if python is None:
        report.skip(CLAIM, "its Python packages are not there and cannot be installed")
        return report.finish()
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run([runner, TOP / "tests" / "conformance" / "oms-adapter"],
                          env={**os.environ, "PATH": path}, capture_output=True, text=True,
                          check=False)
    print(done.stdout, end="")
    last = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
    passed = re.search(r"\b(\d+) passed", last)
    right = done.returncode == 0 and passed and int(passed[1]) >= CASES and "failed" not in last
    report.check(CLAIM, [] if right else [f"the suite says: {last}"])
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
