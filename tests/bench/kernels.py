"""The kernels that the processor has (specs/speed.md), their speed, and the time that a measure
needs at that speed. Not thread-safe.
"""
import json
import os
import re
import subprocess
import sys

import limits
import measure

ROWS = 128  # of a frame, tags and carriers of a share (specs/mark.md 2)


def available(program):
    """Names, the fastest first."""
    text = measure.once([program, "--version", "--verbose"]).stdout
    return re.search(r"that this processor has: ([\w, ]+)", text)[1].split(", ")


def speeds(build):
    """{kernel: billions of operations a second and thread}; 'float' is the product of floats."""
    subprocess.run(["ninja", "-C", build, "kernel_bench"], check=True, stdout=sys.stderr)
    lines = measure.once([build / "tests" / "kernel_bench"]).stdout.splitlines()
    return {each["kernel"]: each for each in map(json.loads, lines)}


def operations(name, weights, hidden, shares):
    """Of the products that a measure cannot do without; the read-back of embed is not counted."""
    project = 2 * weights * ROWS * shares
    per_unit = 2 * weights / hidden * ROWS * ROWS * shares
    if name == limits.FULL:
        return project + 2 * per_unit  # hard and soft tags
    return 2 * project + per_unit if name in (limits.ONE, limits.AUTOMATIC) else None


def floor_seconds(kernel_speed, name, subject, moving):
    """Products at the kernel's speed in the cache and `moving` the bytes once (seconds of cat or
    cp), both on all cores. None for measures that do not read everything."""
    shares = 4 if name == limits.AUTOMATIC else 1
    counted = operations(name, subject.ffn_weights, subject.sizes["hidden"], shares)
    if counted is None:
        return None
    return (counted / (kernel_speed["peak"] * 1e9) + moving) / os.cpu_count()


def render(speeds_by_kernel):
    lines = ["billions of operations a second and thread", ""]
    for name, each in speeds_by_kernel.items():
        shapes = ", ".join(f"{s['m']}x{s['k']}x{s['n']} {s['speed']:.0f}" for s in each["shapes"])
        lines.append(f"{name:<11} in the cache {each['peak']:>4.0f}; {shapes}")
    return lines
