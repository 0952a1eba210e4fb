"""The bench of `compare`: synthetic models of 1 and 4 GB, derived and unrelated pairs, compared
with reading both by `cat`. Not thread-safe.
"""
import json
import shutil
import sys

import measure

# Hidden sizes of real models with 1 and 7 billion weights; depths chosen for the file size.
SIZES = {"1 GB": {"hidden": 2048, "ffn": 5632, "layers": 10, "vocabulary": 32000},
         "4 GB": {"hidden": 4096, "ffn": 11008, "layers": 10, "vocabulary": 32000}}


def make(script, folder, sizes, seed):
    words = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    measure.once([sys.executable, script, folder, *words, "--seed", str(seed)])
    return sorted(folder.glob("*.safetensors"))


def compared(program, suspect, reference):
    return measure.once([program, "compare", suspect, reference, "--json", "--quiet"],
                        fine=(0, 1, 3))


def row(name, kind, files, runs, reading):
    found = json.loads(runs[0].stdout)
    return {"measure": f"{name}, {kind}", "bytes": sum(f.stat().st_size for f in files),
            "verdict": found["verdict"], "gauges": len(found["gauges_tried"]),
            "reading_seconds": measure.median(reading, "seconds"),
            **{field: measure.median(runs, field)
               for field in ("seconds", "cpu_seconds", "peak_bytes")}}


def run(program, folder, count, script):
    """The part of the document on comparing."""
    rows = []
    for name, sizes in SIZES.items():
        measure.note(f"making two checkpoints of {name}")
        files = [make(script, folder / f"lineage{seed}", sizes, seed) for seed in (1, 2)]
        reference, other, child = (folder / part for part in ("lineage1", "lineage2", "child"))
        measure.once([program, "attack", "drift", reference, "-o", child, "--drift", "0.3"])
        subjects = {"cat": lambda: measure.once(["cat", *files[0], *files[1]]),
                    "derived": lambda: compared(program, child, reference),
                    "unrelated": lambda: compared(program, other, reference)}
        results = measure.rounds(subjects, count)
        rows += [row(name, kind, files[0] + files[1], results[kind], results["cat"])
                 for kind in ("derived", "unrelated")]
        for part in (reference, other, child):
            shutil.rmtree(part)
    return {"rows": rows}


def render(part):
    form = "{:<18} {:<18} {:>6} {:>8} {:>8} {:>8} {:>8}"
    lines = ["", "compare, relative to `cat` of both models. Limit for 7B against 7B: 60 s beyond "
             "reading, 1 GB.", "",
             form.format("pair", "verdict", "gauges", "seconds", "cpu s", "cat s", "peak MB")]
    lines += [form.format(row["measure"], row["verdict"], row["gauges"], f"{row['seconds']:.1f}",
                          f"{row['cpu_seconds']:.1f}", f"{row['reading_seconds']:.1f}",
                          f"{row['peak_bytes'] / 1e6:.0f}") for row in part["rows"]]
    return "\n".join(lines)
