"""The bench of `detect --release`: a marked model of the shape of one with 7 billion weights, in
fewer layers, and a copy with other coordinates (wide_pair.py). Needs numpy. Not thread-safe.
"""
import json
import pathlib
import shutil
import sys

import measure

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
import python_venv  # noqa: E402

SCRIPT = pathlib.Path(__file__).with_name("wide_pair.py")
LIMIT = {"seconds": 300, "peak_bytes": 600e6}


def row(name, run):
    found = json.loads(run.stdout)
    carried = found["carried"] or {}
    return {"measure": name, "verdict": found["verdict"], "z": found["z"], "frame": found["frame"],
            "neurons": carried.get("neurons"), "cosine": carried.get("cosine"),
            "confirmed": carried.get("confirmed"), "seconds": run.seconds,
            "cpu_seconds": run.cpu_seconds, "peak_bytes": run.peak_bytes}


def run(program, folder, layers):
    """The part of the document on carrying; each command runs once."""
    python = python_venv.with_modules({"numpy": "numpy"}, "numpy")
    if python is None:
        sys.exit("bench: numpy cannot be installed")
    plain, marked, suspect, key = (folder / name for name in ("plain", "marked", "copy", "its.key"))
    measure.note(f"making {layers} layers and a copy")
    measure.once([python, SCRIPT, "model", plain, "--layers", layers])
    measure.once([program, "keygen", key])
    measure.once([program, "embed", plain, "--key", key, "-o", marked, "--shares", "1",
                  "--record", folder / "its.mark", "--quiet"])
    shutil.rmtree(plain)
    measure.once([python, SCRIPT, "suspect", marked, suspect])

    def detect(model, *options):
        return measure.once([program, "detect", model, "--key", key, "--shares", "1", "--full",
                             "--readings", "declared", "--quiet", "--json", *options],
                            fine=(0, 1, 3))

    measure.note("detect, and detect --release")
    return {"layers": layers, "limit": LIMIT,
            "rows": [row("marked", detect(marked)),
                     row("copy, --release", detect(suspect, "--release", marked))]}


def number(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def render(part):
    form = "{:<18} {:<12} {:>7} {:>8} {:>8} {:>10} {:>8} {:>8} {:>8}"
    lines = ["", f"detect --release, d 4096, {part['layers']} layers of 11,008 neurons. Limit for "
             "two cores: 300 s, 600 MB. Two kinds of three are scored: .82 of the marked z.", "",
             form.format("model", "verdict", "z", "neurons", "cosine", "confirmed", "seconds",
                         "cpu s", "peak MB")]
    lines += [form.format(each["measure"], each["verdict"], number(each["z"], 1),
                          number(each["neurons"], 0), number(each["cosine"], 3),
                          number(each["confirmed"], 3), number(each["seconds"], 1),
                          number(each["cpu_seconds"], 1), number(each["peak_bytes"] / 1e6, 0))
              for each in part["rows"]]
    return "\n".join(lines)
