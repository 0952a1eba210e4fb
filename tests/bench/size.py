"""The bench of time against size and threads: detect and embed on models of one width and 1 to 240
layers, beside SHA-256 and `cat`; a plot as SVG, and the share of the frame. Not thread-safe.
"""
import math
import os
import pathlib
import shutil
import statistics

import kernels
import measure

WIDTH = {"hidden": 2048, "ffn": 5632, "vocabulary": 32000}
LAYERS = (1, 3, 10, 30, 100)
LAYERS_OF_20_GB = 240
RUNS = 3
CAT, DIGEST = "cat", "sha256"
COLOURS = {CAT: "#999999", DIGEST: "#444444", kernels.EARLY: "#1b7837", kernels.FULL: "#2166ac",
           kernels.ONE: "#b2182b"}


def subjects(subject, threads=None):
    options = () if threads is None else ("--threads", str(threads))
    out = {kernels.EARLY: lambda: subject.detect({}, *options),
           kernels.FULL: lambda: subject.detect({}, "--full", *options),
           kernels.ONE: lambda: subject.embed(subject.out, {}, "--shares", "1", *options)}
    if threads is None:
        out = {CAT: lambda: measure.once(["cat", *subject.files]),
               DIGEST: lambda: measure.once(["openssl", "dgst", "-sha256", *subject.files]), **out}
    return out


def points_of(results, **where):
    return [{**where, "measure": name, "seconds": measure.median(runs, "seconds"),
             "peak_bytes": measure.median(runs, "peak_bytes")} for name, runs in results.items()]


def intercept(points, name):
    """Seconds for no layers, by the straight line through the points: start-up and frame."""
    chosen = [(each["bytes"], each["seconds"]) for each in points if each["measure"] == name]
    line = statistics.linear_regression(*zip(*chosen))
    return max(0.0, line.intercept + line.slope * 2 * WIDTH["hidden"] * WIDTH["vocabulary"])


def run(program, folder, plot, largest=False):
    by_size, by_threads = [], []
    counts = LAYERS + ((LAYERS_OF_20_GB,) if largest else ())
    for layers in counts:
        measure.note(f"a model of {layers} layers")
        place = folder / f"layers-{layers}"
        place.mkdir()
        subject = kernels.Subject(program, place, {**WIDTH, "layers": layers})
        by_size += points_of(measure.rounds(subjects(subject), RUNS), bytes=subject.bytes)
        if layers == 10:
            cores = os.cpu_count()
            for threads in sorted({1, 2, 4, cores} & set(range(1, cores + 1))):
                by_threads += points_of(measure.rounds(subjects(subject, threads), RUNS),
                                        bytes=subject.bytes, threads=threads)
        shutil.rmtree(place)
    part = {"machine": measure.machine(), "by_size": by_size, "by_threads": by_threads,
            "frame_seconds": intercept([each for each in by_size if each["bytes"] < 5e9],
                                       kernels.FULL)}
    if plot:
        pathlib.Path(plot).write_text(draw(part), encoding="utf-8")
    return part


def draw(part):
    """Two panels: seconds against gigabytes, both by powers of ten; seconds against threads."""
    width, height, left, top = 420, 300, 60, 40
    text = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * width + 3 * left} '
            f'{height + 110}" font-family="sans-serif" font-size="12">',
            '<title>seconds against size and threads</title>']
    sizes = [each["bytes"] / 1e9 for each in part["by_size"]]
    spent = [each["seconds"] for each in part["by_size"]]
    x_low, x_high = math.log10(min(sizes) / 1.2), math.log10(max(sizes) * 1.2)
    y_low, y_high = math.floor(math.log10(min(spent))), math.ceil(math.log10(max(spent)))

    def at(x, y, first):
        across = (math.log10(x) - x_low) / (x_high - x_low) if first else x
        up = (math.log10(y) - y_low) / (y_high - y_low)
        return (left + (0 if first else width + left) + across * width, top + (1 - up) * height)

    for panel, name in ((0, "gigabytes of weights"), (1, "threads")):
        begin = left + panel * (width + left)
        text.append(f'<rect x="{begin}" y="{top}" width="{width}" height="{height}" fill="none" '
                    'stroke="#888"/>')
        text.append(f'<text x="{begin + width / 2}" y="{top + height + 32}" '
                    f'text-anchor="middle">{name}</text>')
    for power in range(y_low, y_high + 1):
        y = at(min(sizes), 10 ** power, True)[1]
        text.append(f'<text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{10.0 ** power:g} s'
                    '</text>')
    for size in sorted(set(sizes)):
        text.append(f'<text x="{at(size, spent[0], True)[0]:.0f}" y="{top + height + 16}" '
                    f'text-anchor="middle">{size:.1f}</text>')
    counts = sorted({each["threads"] for each in part["by_threads"]})
    places = {count: (i + 0.5) / len(counts) for i, count in enumerate(counts)}
    for count, place in places.items():
        text.append(f'<text x="{at(place, spent[0], False)[0]:.0f}" y="{top + height + 16}" '
                    f'text-anchor="middle">{count}</text>')
    for i, (name, colour) in enumerate(COLOURS.items()):
        for first in (True, False):
            chosen = [(each["bytes"] / 1e9 if first else places[each["threads"]], each["seconds"])
                      for each in part["by_size" if first else "by_threads"]
                      if each["measure"] == name]
            dots = [at(x, y, first) for x, y in chosen]
            text.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                        + " ".join(f"{x:.1f},{y:.1f}" for x, y in dots) + '"/>')
            text += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in dots]
        text.append(f'<text x="{left + i * 180}" y="{top + height + 60}" fill="{colour}">{name}'
                    '</text>')
    text.append(f'<text x="{left}" y="24">{part["machine"]["processor"]}, '
                f'{part["machine"]["cores"]} cores; frame and start-up '
                f'{part["frame_seconds"]:.2f} s</text></svg>')
    return "\n".join(text) + "\n"


def render(part):
    form = "{:>8} {:<25} {:>8} {:>8} {:>8}"
    lines = ["", "time against size, FFN alone, warm cache up to the memory of the machine", "",
             form.format("GB", "measure", "seconds", "GB/s", "peak MB")]
    lines += [form.format(f"{each['bytes'] / 1e9:.2f}", each["measure"], f"{each['seconds']:.3f}",
                          f"{each['bytes'] / each['seconds'] / 1e9:.2f}",
                          f"{each['peak_bytes'] / 1e6:.0f}") for each in part["by_size"]]
    lines += ["", form.format("threads", "measure", "seconds", "GB/s", "peak MB")]
    lines += [form.format(each["threads"], each["measure"], f"{each['seconds']:.3f}",
                          f"{each['bytes'] / each['seconds'] / 1e9:.2f}",
                          f"{each['peak_bytes'] / 1e6:.0f}") for each in part["by_threads"]]
    lines += ["", f"frame and start-up: {part['frame_seconds']:.3f} s of each detect, by the "
              "straight line through its points"]
    return "\n".join(lines)
