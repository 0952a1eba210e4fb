"""The bench of `compare`: synthetic models, derived and unrelated pairs, compared with reading both
by `cat`. A small pair with each kernel, one of the width of 7B with the fastest. Not thread-safe.
"""
import json
import shutil

import kernels
import limits
import measure
from subject import make_model

SMALL = {"hidden": 1024, "ffn": 2816, "layers": 6, "vocabulary": 16000}
# The hidden size of a model with 7 billion weights; as many layers as fill 4 GB.
WIDE = {"hidden": 4096, "ffn": 11008, "layers": 10, "vocabulary": 32000}


class ModelsToCompare:
    def __init__(self, program, folder, sizes):
        self.program, self.folder = program, folder
        self.reference, self.other, self.child = (folder / name for name in
                                                  ("reference", "other", "child"))
        folder.mkdir()
        self.files = (make_model(self.reference, sizes, seed=1)
                      + make_model(self.other, sizes, seed=2))
        measure.once([program, "attack", "drift", self.reference, "-o", self.child, "--drift",
                      "0.3"])

    def compare(self, suspect, kernel):
        return measure.once([self.program, "compare", suspect, self.reference, "--json", "--quiet"],
                            measure.with_kernel(kernel), fine=(0, 1, 3))

    def subjects(self, names):
        out = {(None, "cat"): lambda: measure.once(["cat", *self.files])}
        for name in names:
            out[name, "derived"] = lambda name=name: self.compare(self.child, name)
            out[name, "unrelated"] = lambda name=name: self.compare(self.other, name)
        return out


def rows_of(label, files, results):
    rows = []
    for (kernel, kind), runs in results.items():
        if kernel is None:
            continue
        found = json.loads(runs[0].stdout)
        wide = label == "width of 7B"
        rows.append({"pair": label, "kernel": kernel, "kind": kind,
                     "bytes": sum(f.stat().st_size for f in files), "verdict": found["verdict"],
                     "bases": len(found["gauges_tried"]),
                     "limit": (limits.of(kernel, limits.COMPARE) if wide and kind == "unrelated"
                               else None),
                     "reading_seconds": measure.median(results[None, "cat"], "seconds"),
                     **{field: measure.median(runs, field)
                        for field in ("seconds", "cpu_seconds", "peak_bytes")}})
    return rows


def run(program, folder, count, layers=None):
    """The part of the document on comparing. The wide pair takes minutes and runs once."""
    names, rows = kernels.available(program), []
    for label, sizes, used, rounds in (("small", SMALL, names, count),
                                       ("width of 7B", WIDE, names[:1], 1)):
        measure.note(f"making two models to compare, {label}")
        place = folder / "compare"
        models = ModelsToCompare(program, place, {**sizes, "layers": layers or sizes["layers"]})
        warm = lambda models=models: measure.once(["cat", *models.files,
                                                   *models.child.glob("*.safetensors")])
        rows += rows_of(label, models.files,
                        measure.rounds(models.subjects(used), rounds, warm))
        shutil.rmtree(place)
    return {"rows": rows}


def render(part):
    form = "{:<12} {:<11} {:<10} {:<18} {:>5} {:>8} {:>6} {:>8} {:>8} {:>8}"
    lines = ["compare, beside `cat` of both models. Limit of the peak for the width of 7B: "
             f"{limits.COMPARE_PEAK_BYTES / 1e6:.0f} MB.", "",
             form.format("pair", "kernel", "kind", "verdict", "bases", "seconds", "limit", "cpu s",
                         "cat s", "peak MB")]
    return lines + [
        form.format(row["pair"], row["kernel"], row["kind"], row["verdict"], row["bases"],
                    f"{row['seconds']:.1f}", measure.cell(row["limit"], ".0f"),
                    f"{row['cpu_seconds']:.1f}", f"{row['reading_seconds']:.1f}",
                    f"{row['peak_bytes'] / 1e6:.0f}") for row in part["rows"]]
