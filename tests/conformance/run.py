#!/usr/bin/env python3
"""Runs the public OpenSSF Model Signing conformance suite on the program, offline.

The suite is expected in ../shared/conformance next to the source tree, or in $WMK_CONFORMANCE.
Needs pytest, pytest-json-report, jsonschema and referencing, from this Python or from a virtual
environment in build/. Its keyless bundles are of Sigstore's public instance, whose trusted root is
$WMK_TRUSTED_ROOT or the one in the Python package sigstore. Cases that sign without a key are left
out. If anything is missing, a claim is skipped; tests/unit/sign covers the important cases.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import python_venv  # noqa: E402
import sigstore_root  # noqa: E402

CLAIM = "conformance: all offline cases of the OpenSSF Model Signing suite pass"
KEYLESS = "conformance: all keyless verifications of the OpenSSF Model Signing suite pass"
CASES, KEYLESS_CASES = 59, 7
ADAPTER = TOP / "tests" / "conformance" / "oms-adapter"
MODULES = {"pytest": "pytest", "pytest_jsonreport": "pytest-json-report",
           "jsonschema": "jsonschema", "referencing": "referencing"}


def fault(done, cases):
    """What is wrong with a run of pytest that must pass at least so many cases."""
    print(done.stdout, end="")
    last = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
    passed = re.search(r"\b(\d+) passed", last)
    right = done.returncode == 0 and passed and int(passed[1]) >= cases and "failed" not in last
    return [] if right else [f"the suite reports: {last}"]


def keyless(suite, python, root):
    """The suite skips its keyless verifications without an identity token, which they never use."""
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        subprocess.run([suite / "run-oms", "--unpack", work], check=True)
        (work / "path").mkdir()
        (work / "path" / "oms_schemas").symlink_to(suite / "oms-spec" / "schemas")
        environment = {**os.environ, "PYTHONPATH": str(work / "path"), "SIGSTORE_ID_TOKEN": "none",
                       "WMK_TRUSTED_ROOT": str(root)}
        return subprocess.run(
            [python, "-m", "pytest", "test/test_verify.py", "-q", "-p", "no:cacheprovider",
             f"--entrypoint={ADAPTER}", "-k", "(-sigstore or /sigstore-) and not verify-as-key"],
            cwd=work / "oms-suite", env=environment, capture_output=True, text=True, check=False)


def main():
    report = claims.Claims()
    suite = pathlib.Path(os.environ.get("WMK_CONFORMANCE", TOP.parent / "shared" / "conformance"))
    runner = suite / "run-oms"
    if not runner.exists():
        for claim in (CLAIM, KEYLESS):
            report.skip(claim, "the suite was not found (set WMK_CONFORMANCE)")
        return report.finish()
    python = python_venv.with_modules(MODULES, "conformance")
    if python is None:
        for claim in (CLAIM, KEYLESS):
            report.skip(claim, "its Python packages are missing and cannot be installed")
        return report.finish()
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run([runner, ADAPTER], env={**os.environ, "PATH": path},
                          capture_output=True, text=True, check=False)
    report.check(CLAIM, fault(done, CASES))
    root = sigstore_root.find()
    if root is None:
        report.skip(KEYLESS, sigstore_root.MISSING)
    else:
        report.check(KEYLESS, fault(keyless(suite, python, root), KEYLESS_CASES))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
