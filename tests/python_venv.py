"""A Python with packages that Debian does not have: this one, or a virtual environment in build/.

Not thread-safe: two scripts that create the same environment must not run at the same time.
"""
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]


def has(python, modules):
    probe = [str(python), "-c", f"import {', '.join(modules)}"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def with_modules(modules, name):
    """`modules`: {module: package to install}. The interpreter, or None if this fails."""
    if has(sys.executable, modules):
        return pathlib.Path(sys.executable)
    folder = TOP / "build" / "venvs" / name
    python = folder / "bin" / "python"
    if python.exists() and has(python, modules):
        return python
    for command in ([sys.executable, "-m", "venv", folder],
                    [python, "-m", "pip", "install", "--quiet", *modules.values()]):
        done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
        if done.returncode != 0:
            return None
    return python if has(python, modules) else None


def existing(modules, name):
    """As with_modules(), but installs nothing: for packages of gigabytes."""
    for python in (pathlib.Path(sys.executable), TOP / "build" / "venvs" / name / "bin" / "python"):
        if python.exists() and has(python, modules):
            return python
    return None
