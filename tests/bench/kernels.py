"""The bench of each kernel that the processor has (specs/speed.md): detect and embed of FFN alone,
beside SHA-256, `cat` and the limit of the kernel itself. Not thread-safe.

Models: the synthetic one, and one with the width and vocabulary of a real 8B, since the frame reads
the whole embedding.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import measure

TOP = pathlib.Path(__file__).resolve().parents[2]
MODELS = {"synthetic": {"hidden": 2048, "ffn": 5632, "layers": 22, "vocabulary": 32000},
          "8B shape": {"hidden": 4096, "ffn": 14336, "layers": 4, "vocabulary": 128000}}
EARLY, FULL = "detect, early stop", "detect --full, one share"
ONE, AUTOMATIC = "embed, one share", "embed, automatic"
# In multiples of `sha256` with SHA instructions, for the synthetic model. None: printed only.
LIMITS = {"amx": {EARLY: .1, FULL: .35, ONE: 1.0, AUTOMATIC: 1.8},
          "avx512bf16": {EARLY: .1, FULL: .45, ONE: 1.3, AUTOMATIC: 2.5},
          "avx512": {EARLY: .15, FULL: .8, ONE: 2, AUTOMATIC: 5},
          "avx2": {EARLY: .15, FULL: .8, ONE: 2, AUTOMATIC: 5}}
ROWS = 128  # of a frame, tags and carriers of a share (specs/mark.md 2)


def speeds(build):
    """{kernel: billions of operations a second and thread, operands in the nearest cache}."""
    subprocess.run(["ninja", "-C", build, "kernel_bench"], check=True, stdout=sys.stderr)
    lines = measure.once([build / "tests" / "kernel_bench"]).stdout.splitlines()
    return {each["kernel"]: each for each in map(json.loads, lines)}


def operations(name, weights, hidden, shares):
    """Of the products that a measure cannot do without; the read-back of embed is not counted."""
    project = 2 * weights * ROWS * shares
    per_unit = 2 * weights / hidden * ROWS * ROWS * shares
    if name == FULL:
        return project + 2 * per_unit  # hard and soft tags
    return 2 * project + per_unit if name in (ONE, AUTOMATIC) else None


class Subject:
    """One model, plain and marked, and its measures with one kernel or another."""

    def __init__(self, program, folder, sizes):
        self.program, self.folder, self.sizes = program, folder, sizes
        self.key, self.out = folder / "owner.key", folder / "out"
        words = [word for key, value in sizes.items() for word in (f"--{key}", str(value))]
        measure.once([sys.executable, TOP / "tests" / "make_model.py", folder / "model", *words])
        measure.once([program, "keygen", self.key])
        self.embed(folder / "marked", {}, "--shares", "1")
        self.files = sorted((folder / "marked").glob("*.safetensors"))
        self.bytes = sum(path.stat().st_size for path in self.files)
        self.weights = 3 * sizes["layers"] * sizes["hidden"] * sizes["ffn"]

    def embed(self, out, environment, *options):
        shutil.rmtree(out, ignore_errors=True)
        return measure.once([self.program, "embed", self.folder / "model", "--key", self.key, "-o",
                             out, "--record", self.folder / "its.mark", "--force", "--quiet",
                             "--sites", "ffn", *options], environment)

    def detect(self, environment, *options):
        return measure.once([self.program, "detect", self.folder / "marked", "--key", self.key,
                             "--shares", "1", "--sites", "ffn", "--quiet", *options], environment)

    def copy(self):
        shutil.rmtree(self.out, ignore_errors=True)
        return measure.once(["cp", "-r", self.folder / "model", self.out])

    def subjects(self, kernels):
        digest = ["openssl", "dgst", "-sha256", *self.files]
        out = {"sha256": lambda: measure.once(digest),
               "sha256*": lambda: measure.once(digest, measure.NO_SHA),
               "cat": lambda: measure.once(["cat", *self.files]), "cp": self.copy}
        for kernel in kernels:
            use = {"WMK_KERNEL": kernel}
            out[kernel, EARLY] = lambda use=use: self.detect(use)
            out[kernel, FULL] = lambda use=use: self.detect(use, "--full")
            if kernel == "portable":  # embed takes half a minute, and has no limit
                continue
            out[kernel, ONE] = lambda use=use: self.embed(self.out, use, "--shares", "1")
            out[kernel, AUTOMATIC] = lambda use=use: self.embed(self.out, use)
        return out


def rows_of(model, subject, results, peaks):
    seconds = {name: measure.median(runs, "seconds") for name, runs in results.items()}
    rows = []
    for name, spent in seconds.items():
        kernel, what = name if isinstance(name, tuple) else (None, name)
        counted = operations(what, subject.weights, subject.sizes["hidden"],
                             4 if what == AUTOMATIC else 1)
        floor = None
        if kernel and counted:
            # Both on all cores: bytes are read, or copied, once.
            moved = seconds["cat" if what == FULL else "cp"] / os.cpu_count()
            floor = counted / (peaks[kernel]["peak"] * 1e9 * os.cpu_count()) + moved
        rows.append({"model": model, "kernel": kernel, "measure": what, "seconds": spent,
                     "cpu_seconds": measure.median(results[name], "cpu_seconds"),
                     "ratio": spent / seconds["sha256"],
                     "ratio_without_sha": spent / seconds["sha256*"],
                     "times_cat": spent / seconds["cat"], "floor_seconds": floor,
                     "limit": LIMITS.get(kernel, {}).get(what) if model == "synthetic" else None,
                     "peak_bytes": measure.median(results[name], "peak_bytes")})
    return rows


def run(program, folder, count):
    peaks = speeds(program.parent)
    kernels = [name for name in peaks if name != "float"]
    rows = []
    for model, sizes in MODELS.items():
        measure.note(f"making the model '{model}'")
        place = folder / model.replace(" ", "-")
        place.mkdir()
        subject = Subject(program, place, sizes)
        rows += rows_of(model, subject, measure.rounds(subject.subjects(kernels), count), peaks)
        shutil.rmtree(place)
    return {"machine": measure.machine(), "peaks": list(peaks.values()), "rows": rows}


def number(value, form):
    return "-" if value is None else format(value, form)


def render(part):
    machine = part["machine"]
    lines = ["", f"Kernels of {machine['processor']}, {machine['cores']} cores, "
             f"{machine['openssl']}. Billions of operations a second and thread:", ""]
    for each in part["peaks"]:
        shapes = ", ".join(f"{s['m']}x{s['k']}x{s['n']} {s['speed']:.0f}" for s in each["shapes"])
        lines.append(f"{each['kernel']:<11} in the cache {each['peak']:>4.0f}; {shapes}")
    form = "{:<10} {:<11} {:<25} {:>8} {:>8} {:>9} {:>10} {:>6} {:>7} {:>8} {:>8}"
    lines += ["", form.format("model", "kernel", "measure", "seconds", "cpu s", "x sha256",
                              "x sha256*", "limit", "x cat", "x floor", "peak MB")]
    for row in part["rows"]:
        floor = row["floor_seconds"]
        lines.append(form.format(
            row["model"], row["kernel"] or "", row["measure"], f"{row['seconds']:.3f}",
            f"{row['cpu_seconds']:.2f}", f"{row['ratio']:.3f}", f"{row['ratio_without_sha']:.3f}",
            number(row["limit"], ".2f"), f"{row['times_cat']:.2f}",
            number(floor and row["seconds"] / floor, ".2f"), f"{row['peak_bytes'] / 1e6:.0f}"))
    lines += ["", "FFN alone, warm cache. x sha256*: without SHA instructions. x floor: relative "
              "to the kernel's products at", "the speed in the cache, on all cores, and reading "
              "(cat) or copying (cp) on all cores; the read-back of", "embed is not in it."]
    return "\n".join(lines)
