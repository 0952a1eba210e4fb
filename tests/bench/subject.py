"""A synthetic model, plain and marked, and the commands that are measured on it. Not thread-safe.
"""
import pathlib
import shutil
import sys

import measure

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "make_model.py"
SYNTHETIC = {"hidden": 2048, "ffn": 5632, "layers": 22, "vocabulary": 32000}
FFN_ALONE = ("--sites", "ffn")


def make_model(folder, sizes, **more):
    """The weights files of a new synthetic model."""
    words = [word for name, value in {**sizes, **more}.items() for word in (f"--{name}", value)]
    measure.once([sys.executable, SCRIPT, folder, *words])
    return sorted(folder.glob("*.safetensors"))


class Subject:
    """`kernel`: None leaves the choice to the program."""

    def __init__(self, program, folder, sizes):
        measure.note(f"making a synthetic model of {sizes['layers']} layers")
        self.program, self.folder, self.sizes = program, folder, sizes
        self.model, self.marked, self.key = folder / "model", folder / "marked", folder / "its.key"
        folder.mkdir()
        files = make_model(self.model, sizes)
        self.bytes = sum(path.stat().st_size for path in files)
        self.files = [self.marked / path.name for path in files]
        self.ffn_weights = 3 * sizes["layers"] * sizes["hidden"] * sizes["ffn"]
        measure.once([program, "keygen", self.key])

    def remove(self):
        shutil.rmtree(self.folder)

    def make_marked(self, *options):
        """Embeds one share; what was marked before goes first."""
        return self.embed("--shares", "1", *options, out=self.marked)

    def embed(self, *options, out=None, kernel=None):
        """Embeds into a folder that does not exist."""
        out = out or self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        return measure.once([self.program, "embed", self.model, "--key", self.key, "-o", out,
                             "--record", self.folder / "its.mark", "--force", "--quiet", *options],
                            measure.with_kernel(kernel), bytes_written=self.bytes)

    def detect(self, *options, model=None, kernel=None):
        """One share, in the marked model if no other is given."""
        return measure.once([self.program, "detect", model or self.marked, "--key", self.key,
                             "--shares", "1", "--quiet", *options], measure.with_kernel(kernel),
                            fine=(0, 1, 3))

    def full_of_unmarked(self, model):
        """The declared reading of what is not marked. The careful windows and a part for the frame
        by ids are read as well: 2.4 times the processor time of a marked model."""
        return self.detect("--full", "--json", "--readings", "declared", *FFN_ALONE, model=model)

    def digest(self, environment=None):
        return measure.once(["openssl", "dgst", "-sha256", *self.files], environment)

    def read(self):
        return measure.once(["cat", *self.files])

    def copy(self):
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        return measure.once(["cp", "-r", self.model, out], bytes_written=self.bytes)

    def warm(self):
        """Reads both models into the page cache."""
        measure.once(["cat", *self.files, *self.model.glob("*.safetensors")])
