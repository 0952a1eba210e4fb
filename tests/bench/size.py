"""The bench of time against size and threads: detect and embed on models of one width and 1 to 30
layers (`largest`: 240), beside SHA-256 and `cat`, and the share of the frame. Not thread-safe.

The plain and the marked model are on the disk at the same time, and embed writes the marked one
anew. Of the largest, 20 GB, only the plain one is there, so that 20 GB of disk are enough: it is
read whole, and neither embed nor an early stop is measured.
"""
import os
import pathlib
import statistics

import limits
import measure
import plot
import subject as subjects
from limits import EARLY, FULL, ONE, UNMARKED_FULL
from subject import FFN_ALONE, SYNTHETIC

LAYERS = (1, 3, 10, 30)
LAYERS_LARGEST = (100, 240)
LAYERS_PLAIN_MAX = 100  # beyond, the marked model is not made
LAYERS_FOR_THREADS = 10
RUNS = 3
CAT, DIGEST = "cat", "sha256"


def of_marked(subject, *options):
    """embed is the first: it makes the model that is read."""
    return {ONE: lambda: subject.make_marked(*FFN_ALONE, *options),
            EARLY: lambda: subject.detect(*FFN_ALONE, *options),
            FULL: lambda: subject.detect("--full", *FFN_ALONE, *options)}


def of_plain(subject):
    return {UNMARKED_FULL: lambda: subject.full_of_unmarked(subject.model)}


def references(subject):
    return {CAT: subject.read, DIGEST: subject.digest}


def points_of(results, **where):
    return [{**where, "measure": name, "seconds": measure.median(runs, "seconds"),
             "cpu_seconds": measure.median(runs, "cpu_seconds"),
             "peak_bytes": measure.median(runs, "peak_bytes")} for name, runs in results.items()]


def intercept(points, name):
    """Seconds for no layers, by the straight line through the points: start-up and frame."""
    chosen = [(each["bytes"], each["seconds"]) for each in points if each["measure"] == name]
    if len(chosen) < 2:
        return None
    line = statistics.linear_regression(*zip(*chosen))
    return max(0.0, line.intercept + line.slope * 2 * SYNTHETIC["hidden"] * SYNTHETIC["vocabulary"])


def measured(program, place, layers):
    """(by size, by threads) of one model, which is gone afterwards."""
    by_threads = []
    subject = subjects.Subject(program, place, {**SYNTHETIC, "layers": layers})
    if layers > LAYERS_PLAIN_MAX:
        subject.files = sorted(subject.model.glob("*.safetensors"))
        results = measure.rounds({**references(subject), **of_plain(subject)}, 1, lambda: None)
    else:
        subject.make_marked()
        results = measure.rounds({**of_marked(subject), **of_plain(subject), **references(subject)},
                                 RUNS, subject.warm)
    by_size = points_of(results, bytes=subject.bytes)
    if layers == LAYERS_FOR_THREADS:
        cores = os.cpu_count()
        for threads in sorted({1, 2, 4, cores} & set(range(1, cores + 1))):
            options = ("--threads", str(threads))
            by_threads += points_of(
                measure.rounds(of_marked(subject, *options), RUNS, subject.warm),
                bytes=subject.bytes, threads=threads)
    subject.remove()
    return by_size, by_threads


def run(program, folder, drawing=None, largest=False, layers=None):
    """The part of the document on size. `drawing`: where the plot goes. `layers`: of the largest
    model, to try the bench."""
    points = {"by_size": [], "by_threads": []}
    for count in LAYERS + (LAYERS_LARGEST if largest else ()):
        if layers and count > layers:
            break
        by_size, by_threads = measured(program, folder / f"layers-{count}", count)
        points["by_size"] += by_size
        points["by_threads"] += by_threads
    part = {**points, "frame_seconds": intercept(
        [each for each in points["by_size"] if each["bytes"] < 5e9], FULL)}
    if drawing:
        pathlib.Path(drawing).write_text(plot.draw(part, measure.machine()), encoding="utf-8")
    return part


def render(part):
    form = "{:>8} {:<25} {:>8} {:>8} {:>8} {:>8}"
    head = ("measure", "seconds", "cpu s", "GB/s", "peak MB")

    def row(first, each):
        return form.format(first, each["measure"], f"{each['seconds']:.3f}",
                           f"{each['cpu_seconds']:.2f}",
                           f"{each['bytes'] / each['seconds'] / 1e9:.2f}",
                           f"{each['peak_bytes'] / 1e6:.0f}")

    lines = ["time against size, FFN alone, warm cache up to the memory of the machine. Limit of "
             f"the peak: {limits.PEAK_BYTES_MAX / 1e6:.0f} MB.", "", form.format("GB", *head)]
    lines += [row(f"{each['bytes'] / 1e9:.2f}", each) for each in part["by_size"]]
    lines += ["", form.format("threads", *head)]
    lines += [row(each["threads"], each) for each in part["by_threads"]]
    lines += ["", f"frame and start-up: {measure.cell(part['frame_seconds'], '.3f')} s of each "
              "detect, by the straight line through its points"]
    return lines
