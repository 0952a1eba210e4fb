"""What is asked of every page, whatever it tells."""
import hashlib
import re

import browser

NARROW, WIDE = 360, 1400


def access_problems(page, parts):
    problems = [f"no title in {source[:60]}" for source in
                re.findall(r"<svg.*?</svg>", page.source, re.DOTALL) if "<title>" not in source]
    problems += [f"a table head without scope: {text}" for attrs, text in page.all("th")
                 if attrs.get("scope") not in ("row", "col")]
    if len(page.all("h1")) != 1 or len(page.all("h2")) < parts or not page.all("main"):
        problems.append("headings or <main> are missing")
    return problems


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= .04045 else ((c + .055) / 1.055) ** 2.4 for c in parts]
    return .2126 * linear[0] + .7152 * linear[1] + .0722 * linear[2]


def contrast_problems(page):
    """Colours of words on paper and cards: 4.5 to 1 at least (WCAG 2, level AA), light and dark."""
    problems = []
    for theme in re.findall(r":root \{(.*?)\}", page.source, re.DOTALL)[:2]:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", theme))
        for ink in ("ink", "soft", "accent", "other", "yes", "no", "open"):
            for ground in ("paper", "card"):
                low, high = sorted(luminance(colours[name]) for name in (ink, ground))
                if (high + .05) / (low + .05) < 4.5:
                    problems.append(f"{ink} {colours[ink]} on {ground} {colours[ground]}")
    return problems


def file_problems(models, page):
    """Digests and sizes of what was read, against hashlib."""
    problems, rows = [], page.rows()
    for model in models:
        for name in ("model.safetensors", "config.json", "tokenizer.json"):
            data = (model / name).read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            if digest not in page.source or name not in rows:
                problems.append(f"{model}/{name}: its digest is not there")
            if str(len(data)) not in page.source:
                problems.append(f"{model}/{name}: its size is not there")
    return problems


def check_page(report, what, page, parts, models):
    """`parts`: headings of the second level, at least; `models`: folders that were read."""
    report.check(f"{what}: the page loads nothing, runs nothing and is whole", page.dangers())
    report.check(f"{what}: headings, heads of tables and titles of pictures are there",
                 access_problems(page, parts))
    report.check(f"{what}: words stand out from the paper", contrast_problems(page))
    report.check(f"{what}: files are named with size and digest", file_problems(models, page))


def brightness(pixels):
    return sum(sum(pixel) for row in pixels for pixel in row) / (3 * len(pixels) * len(pixels[0]))


def check_in_browser(report, what, path):
    program = browser.find()
    if not program:
        report.skip(f"{what}: the page in a browser", "Chromium is not installed")
        return
    light = browser.picture(program, path, 700, 800)
    dark = browser.picture(program, path, 700, 800, dark=True)
    colours = len({pixel for row in light for pixel in row})
    inked = sum(pixel != light[0][0] for row in light for pixel in row)
    report.check(f"{what}: a browser paints the page",
                 [] if colours > 50 and inked > 10000 else [f"{colours} colours, {inked} pixels"])
    levels = brightness(light), brightness(dark)
    report.check(f"{what}: light is light and dark is dark",
                 [] if levels[0] > 200 and levels[1] < 80 else [f"brightness {levels}"])
    for width in (NARROW, WIDE):
        found = browser.layout_width(program, path, width)
        report.check(f"{what}: nothing stands out at {width} pixels",
                     [] if found == width else [f"the page is {found} wide"])
