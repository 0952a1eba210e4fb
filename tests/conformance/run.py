#!/usr/bin/env python3
"""Runs the public OpenSSF Model Signing conformance suite on the program, offline.

The suite is expected in ../shared/conformance next to the source tree, or in $WMK_CONFORMANCE.
Needs pytest, pytest-json-report, jsonschema and referencing, from this Python or from a virtual
environment in build/. Keyless cases are left out. If anything is missing, the claim is skipped;
tests/unit/sign covers the important cases.
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
        report.skip(CLAIM, "the suite was not found (set WMK_CONFORMANCE)")
        return report.finish()
    python = python_venv.with_modules(MODULES, "conformance")
    if python is None:
        report.skip(CLAIM, "its Python packages are missing and cannot be installed")
        return report.finish()
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run([runner, TOP / "tests" / "conformance" / "oms-adapter"],
                          env={**os.environ, "PATH": path}, capture_output=True, text=True,
                          check=False)
    print(done.stdout, end="")
    last = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
    passed = re.search(r"\b(\d+) passed", last)
    right = done.returncode == 0 and passed and int(passed[1]) >= CASES and "failed" not in last
    report.check(CLAIM, [] if right else [f"the suite reports: {last}"])
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
