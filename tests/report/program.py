"""Runs the program and the scripts that make models, for tests of pages."""
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402,F401


def run(program, folder, *words):
    """Its answer, a *yes* or undecided."""
    done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True,
                          check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"not ok - {words[0]} runs\n    {done.stderr}")
    return done.stdout


def script(folder, name, *words):
    subprocess.run([sys.executable, TOP / "tests" / name, *words], check=True, cwd=folder,
                   stdout=subprocess.DEVNULL)
