"""The bench of detect and embed, beside SHA-256, `cat`, `cp` and the limit of the kernel itself.

Two models: the synthetic one, and one with the width and vocabulary of a real 8B, since the frame
reads the whole embedding. FFN alone with each kernel, all sites and an unmarked model with the
fastest one, and encoded types by weights per second. Not thread-safe.
"""
import json
import statistics

import kernels
import limits
import make_gguf
import measure
import subject as subjects
from limits import AUTOMATIC, EARLY, FULL, ONE
from subject import FFN_ALONE

MODELS = {"synthetic": subjects.SYNTHETIC,
          "8B shape": {"hidden": 4096, "ffn": 14336, "layers": 4, "vocabulary": 128000}}
DIGEST, NO_SHA, CAT, COPY = "sha256", "sha256*", "cat", "cp"
UNMARKED = "detect, unmarked"
ALL = ", all sites"
# Name, measure, the measure it is compared with (FFN alone: the fastest kernel), limit.
RATIOS = [("a no / --full", UNMARKED, FULL + ALL, limits.NO_TO_FULL),
          ("early stop, all sites / FFN", EARLY + ALL, EARLY, None),
          ("--full, all sites / FFN", FULL + ALL, FULL, limits.FULL_ALL_TO_FFN),
          ("embed, automatic, all sites / FFN", AUTOMATIC + ALL, AUTOMATIC,
           limits.EMBED_ALL_TO_FFN)]


def by_kernel(subject, names):
    """{(kernel, measure): function that runs it once}, FFN alone."""
    out = {}
    for name in names:
        detect = {EARLY: (), FULL: ("--full",)}
        embed = {ONE: ("--shares", "1"), AUTOMATIC: ()}
        if name == "portable":  # embed takes half a minute, and has no limit
            embed = {}
        for what, options in detect.items():
            out[name, what] = lambda name=name, options=options: subject.detect(
                *FFN_ALONE, *options, kernel=name)
        for what, options in embed.items():
            out[name, what] = lambda name=name, options=options: subject.embed(
                *FFN_ALONE, *options, kernel=name)
    return out


def references(subject):
    return {(None, DIGEST): subject.digest,
            (None, NO_SHA): lambda: subject.digest(measure.NO_SHA),
            (None, CAT): subject.read, (None, COPY): subject.copy}


def all_sites(subject, kernel):
    return {(kernel, EARLY + ALL): lambda: subject.detect(kernel=kernel),
            (kernel, FULL + ALL): lambda: subject.detect("--full", kernel=kernel),
            (kernel, UNMARKED): lambda: subject.detect(model=subject.model, kernel=kernel),
            (kernel, AUTOMATIC + ALL): lambda: subject.embed(kernel=kernel)}


def rows_of(model, subject, results, speeds):
    seconds = {name: measure.median(runs, "seconds") for name, runs in results.items()}
    rows = []
    for (kernel, what), spent in seconds.items():
        floor = None
        if kernel:
            moving = seconds[None, CAT if what == FULL else COPY]
            floor = kernels.floor_seconds(speeds[kernel], what, subject, moving)
        runs = results[kernel, what]
        rows.append({"model": model, "kernel": kernel, "measure": what, "seconds": spent,
                     "cpu_seconds": measure.median(runs, "cpu_seconds"),
                     "ratio": spent / seconds[None, DIGEST],
                     "ratio_without_sha": spent / seconds[None, NO_SHA],
                     "times_cat": spent / seconds[None, CAT], "floor_seconds": floor,
                     "limit": limits.of(kernel, what) if model == "synthetic" else None,
                     "peak_bytes": measure.median(runs, "peak_bytes")})
    return rows


def ratios_of(results, kernel):
    """Processor time of one command in that of another: the median over the rounds."""
    return [{"measure": name, "limit": limit,
             "ratio": statistics.median(a.cpu_seconds / b.cpu_seconds for a, b in
                                        zip(results[kernel, above], results[kernel, below]))}
            for name, above, below, limit in RATIOS]


def encoded_rows(subject, count):
    """Weights per second of `detect --full` for each type, and the ratio to bf16."""
    files = {"BF16": subject.model}
    for kind in make_gguf.TYPES:
        files[kind] = subject.folder / f"{kind}.gguf"
        measure.note(f"making {files[kind].name}")
        make_gguf.write(files[kind], kind, subject.sizes)
    results = measure.rounds({kind: lambda path=path: subject.full_of_unmarked(path)
                              for kind, path in files.items()}, count)
    rows = []
    for kind, runs in results.items():
        weights = json.loads(runs[0].stdout)["weights_read"]
        rows.append({"type": kind, "weights_per_second": weights / measure.median(runs, "seconds"),
                     "peak_bytes": measure.median(runs, "peak_bytes")})
    for row in rows:
        row["of_bf16"] = row["weights_per_second"] / rows[0]["weights_per_second"]
    return rows


def run(program, folder, count, layers=None):
    """The part of the document on marking. `layers`: of both models, to try the bench."""
    speeds, names = kernels.speeds(program.parent), kernels.available(program)
    rows, ratios, encoded = [], [], []
    for model, sizes in MODELS.items():
        sizes = {**sizes, "layers": layers or sizes["layers"]}
        subject = subjects.Subject(program, folder / model.replace(" ", "-"), sizes)
        subject.make_marked()
        first = model == "synthetic"
        measured = {**references(subject), **by_kernel(subject, names),
                    **(all_sites(subject, names[0]) if first else {})}
        results = measure.rounds(measured, count, subject.warm)
        rows += rows_of(model, subject, results, speeds)
        if first:
            ratios, encoded = ratios_of(results, names[0]), encoded_rows(subject, count)
        subject.remove()
    return {"speeds": speeds, "rows": rows, "ratios": ratios, "encoded": encoded}


def render(part):
    lines = kernels.render(part["speeds"])
    form = "{:<10} {:<11} {:<35} {:>8} {:>8} {:>9} {:>10} {:>6} {:>7} {:>8} {:>8}"
    lines += ["", form.format("model", "kernel", "measure", "seconds", "cpu s", "x sha256",
                              "x sha256*", "limit", "x cat", "x floor", "peak MB")]
    for row in part["rows"]:
        floor = row["floor_seconds"]
        lines.append(form.format(
            row["model"], row["kernel"] or "", row["measure"], f"{row['seconds']:.3f}",
            f"{row['cpu_seconds']:.2f}", f"{row['ratio']:.3f}", f"{row['ratio_without_sha']:.3f}",
            measure.cell(row["limit"], ".2f"), f"{row['times_cat']:.2f}",
            measure.cell(floor and row["seconds"] / floor, ".2f"),
            f"{row['peak_bytes'] / 1e6:.0f}"))
    lines += ["", "FFN alone unless another word is there, warm cache. sha256*: without SHA "
              "instructions. x floor: relative to the", "kernel's products at the speed in the "
              "cache, on all cores, and reading (cat) or copying (cp) on all cores; the",
              "read-back of embed is not in it. embed waits until its output is on the disk, cp "
              "does not.", "", "processor times, median of the ratios in each round", ""]
    form = "{:<34} {:>6} {:>6}"
    lines.append(form.format("ratio", "x", "limit"))
    lines += [form.format(row["measure"], f"{row['ratio']:.2f}", measure.cell(row["limit"], ".2f"))
              for row in part["ratios"]]
    lines += ["", "detect --full of an unmarked model, declared reading, by type; FFN alone", ""]
    form = "{:<10} {:>12} {:>8} {:>6} {:>8}"
    lines.append(form.format("type", "M weights/s", "x BF16", "limit", "peak MB"))
    lines += [form.format(row["type"], f"{row['weights_per_second'] / 1e6:.0f}",
                          f"{row['of_bf16']:.2f}",
                          "-" if row["type"] == "BF16" else f"{limits.OF_BF16_MIN:.2f}",
                          f"{row['peak_bytes'] / 1e6:.0f}") for row in part["encoded"]]
    return lines
