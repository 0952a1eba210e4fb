"""Chromium without a window: pictures, and widths that it lays out. Where it is missing, None."""
import html
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import zlib

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS_MAX = 120


def find():
    return next((path for path in map(shutil.which, NAMES) if path), None)


def run(browser, *arguments):
    """Its stdout. A profile of its own each time, so that runs do not meet."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--no-first-run", "--disable-extensions", "--disable-background-networking",
             "--force-device-scale-factor=1", f"--user-data-dir={profile}", *arguments],
            capture_output=True, timeout=SECONDS_MAX, check=False)
    return done.stdout.decode(errors="replace")


def picture(browser, page, width, height, dark=False):
    """Rows of (red, green, blue), as the page is painted at this size."""
    with tempfile.TemporaryDirectory() as folder:
        png = pathlib.Path(folder) / "page.png"
        scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
        run(browser, *scheme, f"--window-size={width},{height}", f"--screenshot={png}",
            page.resolve().as_uri())
        return decode(png.read_bytes())


def paeth(left, up, corner):
    guess = left + up - corner
    return min((left, up, corner), key=lambda near: abs(guess - near))


def unfiltered(kind, line, above, step):
    """One line of a PNG: each byte was written as its difference to a neighbour."""
    if kind == 0:
        return line
    if kind == 2:
        return bytearray((value + up) & 255 for value, up in zip(line, above))
    for i, value in enumerate(line):
        left = line[i - step] if i >= step else 0
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + above[i]) // 2
        else:
            guess = paeth(left, above[i], above[i - step] if i >= step else 0)
        line[i] = (value + guess) & 255
    return line


def decode(png):
    """Pixels of an 8-bit RGB or RGBA PNG, which is what browsers write."""
    data, at, shape = b"", 8, None
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack_from(">IIBB", body)
            if depth != 8 or colour not in (2, 6):
                raise ValueError("not an 8-bit RGB picture")
            shape = width, height, 3 if colour == 2 else 4
        data += body if kind == b"IDAT" else b""
        at += length + 12
    width, height, step = shape
    raw, rows, above = zlib.decompress(data), [], bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        above = unfiltered(raw[start], bytearray(raw[start + 1:start + 1 + width * step]), above,
                           step)
        rows.append([tuple(above[i:i + 3]) for i in range(0, len(above), step)])
    return rows


def layout_width(browser, page, width):
    """The width that the page takes in a frame of this width: a page outside measures it."""
    script = ("const f=document.querySelector('iframe');f.onload=()=>{const d=f.contentDocument;"
              "document.body.setAttribute('data-width',Math.max(d.documentElement.scrollWidth,"
              "d.body.scrollWidth))}")
    with tempfile.TemporaryDirectory() as folder:
        outer = pathlib.Path(folder) / "outer.html"
        outer.write_text(f"<!DOCTYPE html><body><iframe width={width} height=900 style='border:0' "
                         f"srcdoc=\"{html.escape(page.read_text())}\"></iframe>"
                         f"<script>{script}</script>")
        dom = run(browser, "--virtual-time-budget=2000", "--dump-dom", outer.as_uri())
    found = re.search(r'data-width="(\d+)"', dom)
    return int(found[1]) if found else None
