"""Draws time against size and threads as SVG."""
import math

import limits

COLOURS = {"cat": "#999999", "sha256": "#444444", limits.EARLY: "#1b7837", limits.FULL: "#2166ac",
           limits.UNMARKED_FULL: "#92c5de", limits.ONE: "#b2182b"}


def draw(part, machine):
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
        text.append(f'<text x="{left + i * 155}" y="{top + height + 60}" fill="{colour}">{name}'
                    '</text>')
    text.append(f'<text x="{left}" y="24">{machine["processor"]}, '
                f'{machine["cores"]} cores; frame and start-up '
                f'{part["frame_seconds"]:.2f} s</text></svg>')
    return "\n".join(text) + "\n"
