#!/usr/bin/env python3
"""The Python package: its module is built from the modules that the build has, then pytest runs.

run.py [--build FOLDER] [--python PATH]. The tests share the models and keys of conftest.py. PATH: a
Python with nanobind, numpy, ml_dtypes and pytest (default: a virtual environment in build/); where
it has torch and transformers, they are tried as well. The package lies in FOLDER/python-package
afterwards, as in a wheel. Exit code 77 if packages are missing.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import python_venv  # noqa: E402

MODULES = {name: name for name in ("nanobind", "numpy", "ml_dtypes", "pytest")}


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        print("\n".join((done.stdout + done.stderr).splitlines()[-30:]))
        sys.exit(done.returncode)


def assemble(build):
    """The package as a wheel holds it."""
    out = build / "python-package" / "weightmark"
    shutil.rmtree(out.parent, ignore_errors=True)
    shutil.copytree(TOP / "python" / "weightmark", out)
    shutil.copytree(TOP / "tools" / "collect", out / "_collect",
                    ignore=shutil.ignore_patterns("__pycache__"))
    for module in (build / "python").glob("_core.*.so"):
        shutil.copy(module, out)
    (out / "bin").mkdir()
    shutil.copy(build / "weightmark", out / "bin")
    return out.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    parser.add_argument("--python", type=pathlib.Path)
    options = parser.parse_args()
    python = options.python or python_venv.with_modules(MODULES, "python")
    if not python:
        print("skip - Python: nanobind, numpy, ml_dtypes and pytest cannot be installed")
        return 77
    build = options.build.resolve()
    run("cmake", "-S", TOP, "-B", build, "-DWMK_PYTHON=ON", f"-DPython_EXECUTABLE={python}")
    run("ninja", "-C", build, "_core", "weightmark")
    package = assemble(build)
    environment = dict(os.environ, PYTHONPATH=str(package), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run([str(python), "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
                           str(TOP / "tests" / "python")], env=environment, check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
