"""The bench of `detect --release`: a marked model of the shape of one with 7 billion weights, in
fewer layers, and a copy with other coordinates (wide_pair.py). It runs with all layers and with
the first half of them; the difference is the time of a layer, with which the time for 32 layers is
extrapolated. Needs numpy. Not thread-safe.
"""
import json
import os
import pathlib
import shutil
import sys

import limits
import measure

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
import python_venv  # noqa: E402

SCRIPT = pathlib.Path(__file__).with_name("wide_pair.py")
LAYERS = 12
WHOLE = 32  # layers of a model with 7 billion weights
CORES = 2


def first_layers(folder, out, count):
    """The same model with its first `count` layers, by links to the same shards."""
    out.mkdir()
    index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    where = {name: shard for name, shard in index["weight_map"].items()
             if not name.startswith("model.layers.") or int(name.split(".")[2]) < count}
    for shard in set(where.values()):
        os.link(folder / shard, out / shard)
    config["num_hidden_layers"] = count
    for name, document in (("model.safetensors.index.json", {"metadata": {}, "weight_map": where}),
                           ("config.json", config)):
        (out / name).write_text(json.dumps(document), encoding="utf-8")
    os.link(folder / "tokenizer.json", out / "tokenizer.json")


def extrapolated(half, full):
    """What a model of 32 layers takes, if each further layer takes what those beyond half took."""
    out = {"measure": f"{WHOLE} layers, extrapolated", "layers": WHOLE}
    for name in ("cpu_seconds", "peak_bytes"):
        each = max(0, full[name] - half[name]) / (full["layers"] - half["layers"])
        out[name] = full[name] + (WHOLE - full["layers"]) * each
        out[f"{name}_a_layer"] = each
    out["seconds"] = out["cpu_seconds"] / CORES
    return out


def row(name, layers, run):
    found = json.loads(run.stdout)
    carried = found["carried"] or {}
    return {"measure": name, "layers": layers, "verdict": found["verdict"], "z": found["z"],
            "frame": found["frame"], "neurons": carried.get("neurons"),
            "cosine": carried.get("cosine"), "confirmed": carried.get("confirmed"),
            "seconds": run.seconds, "cpu_seconds": run.cpu_seconds, "peak_bytes": run.peak_bytes}


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

    few = max(1, layers // 2)
    for model in (marked, suspect):
        first_layers(model, model.with_name(f"{model.name}-half"), few)
    measure.note("detect, and detect --release")
    rows = [row("marked", layers, detect(marked))]
    for count, suffix in ((few, "-half"), (layers, "")):
        carry = detect(suspect.with_name(suspect.name + suffix), "--release",
                       marked.with_name(marked.name + suffix))
        rows.append(row("copy, --release", count, carry))
    if layers < WHOLE:
        rows.append(extrapolated(*rows[1:]))
    return {"layers": layers, "rows": rows}


def render(part):
    form = "{:<23} {:>6} {:<12} {:>6} {:>8} {:>7} {:>10} {:>8} {:>7} {:>8}"
    lines = ["detect --release, d 4096, layers of 11,008 neurons. Limit for two cores and "
             f"{WHOLE} layers: {limits.CARRY['seconds']} s, "
             f"{limits.CARRY['peak_bytes'] / 1e6:.0f} MB.",
             "Two kinds of three are scored: .82 of the marked z.", "",
             form.format("model", "layers", "verdict", "z", "neurons", "cosine", "confirmed",
                         "seconds", "cpu s", "peak MB")]
    columns = (("z", ".1f"), ("neurons", ".0f"), ("cosine", ".3f"), ("confirmed", ".3f"),
               ("seconds", ".1f"), ("cpu_seconds", ".1f"))
    lines += [form.format(each["measure"], each["layers"], each.get("verdict", "-"),
                          *(measure.cell(each.get(name), shape) for name, shape in columns),
                          f"{each['peak_bytes'] / 1e6:.0f}") for each in part["rows"]]
    last = part["rows"][-1]
    if "cpu_seconds_a_layer" in last:
        lines += ["", "Extrapolated: the measured time of all layers, and for each further layer "
                  "that of the second half,",
                  f"{last['cpu_seconds_a_layer']:.1f} s of processor time and "
                  f"{last['peak_bytes_a_layer'] / 1e6:.1f} MB; its seconds are processor time / "
                  f"{CORES}. The map is fitted to as",
                  "many layers in each run if half of the layers are at least six; its own time "
                  "does not grow with them."]
    return lines
