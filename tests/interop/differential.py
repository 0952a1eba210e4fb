"""Compares random files written by third-party packages with what `weightmark inspect` lists.

Shared by gguf_differential.py and torch_differential.py. Not thread-safe.
"""
import importlib
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

ROUNDS = 25


def inspected(program, path):
    """The document of `inspect --tensors --json`; RuntimeError with stderr if it fails."""
    done = subprocess.run([str(program), "inspect", str(path), "--tensors", "--json", "--quiet"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return json.loads(done.stdout)


def difference(document, listed, package):
    """The first tensor that differs between document and {name: (type, shape)}, or None."""
    found = {tensor["name"]: (tensor["dtype"], tensor["shape"]) for tensor in document["tensors"]}
    wrong = sorted(n for n in found.keys() | listed.keys() if found.get(n) != listed.get(n))
    if not wrong:
        return None
    return f"'{wrong[0]}': {found.get(wrong[0])}, {package} has {listed.get(wrong[0])}"


def problem_of(round_of, program, modules, seed):
    with tempfile.TemporaryDirectory(prefix="weightmark-differential-") as folder:
        try:
            problem = round_of(program, pathlib.Path(folder), *modules, seed)
        except RuntimeError as error:
            problem = str(error)
    return f"seed {seed}: {problem}" if problem else None


def main(claim, names, round_of, environment=None):
    """round_of(program, folder, *modules, seed) writes and compares; returns a problem or None.
    `names`: the required packages, the one that writes first. `environment` gives a Python that
    has them if this one does not; if there is none, the claim is skipped."""
    report = claims.Claims()
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build" / "weightmark")
    try:
        modules = [importlib.import_module(name) for name in names]
    except ImportError:
        python = environment() if environment else None
        if python and pathlib.Path(sys.executable) != python:
            os.execv(python, [str(python), *sys.argv])
        report.skip(claim, f"no Python package '{names[0]}' here")
        sys.exit(report.finish())
    problems = [problem_of(round_of, program.resolve(), modules, seed) for seed in range(ROUNDS)]
    report.check(f"{claim} ({ROUNDS} rounds, {names[0]} {importlib.metadata.version(names[0])})",
                 [problem for problem in problems if problem])
    sys.exit(report.finish())
