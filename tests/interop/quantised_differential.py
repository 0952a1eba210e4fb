#!/usr/bin/env python3
"""Compares random matrices quantised by their own libraries with what is read of them.

quantised_differential.py [PATH/TO/weightmark]. Each library writes its files and dequantises them
itself (tests/vectors/make_library_vectors.py, make_tool_vectors.py); the unit test program beside
weightmark reads the files and compares bit by bit. A library that is not installed is skipped.
"""
import importlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests"), str(TOP / "tests" / "vectors")]
import claims  # noqa: E402

ROUNDS = 8
TEST = "the folders of WMK_QUANTISED hold the values that they expect"


# Package, module with the function that makes the files, that function, name.
TOOLS = [("torchao", "make_library_vectors", "torchao", "torchao"),
         ("optimum.quanto", "make_library_vectors", "quanto", "quanto"),
         ("hqq.core.quantize", "make_library_vectors", "hqq", "hqq"),
         ("hqq.core.quantize", "make_tool_vectors", "hqq_bytes", "hqq in wider codes"),
         ("mlx.core", "make_tool_vectors", "mlx_floats", "mlx in floats"),
         ("modelopt.torch.quantization", "make_tool_vectors", "modelopt", "modelopt"),
         ("compressed_tensors.compressors.mxfp6", "make_tool_vectors", "compressed_floats",
          "compressed-tensors in MX floats"),
         ("compressed_tensors.compressors.sparse_compressors", "make_tool_vectors", "sparse",
          "compressed-tensors as sparse ones")]


def problem_of(program, make, place, seed):
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="weightmark-quantised-") as folder:
        place.update(folder=pathlib.Path(folder), seed=seed,
                             shape=(16 * rng.randint(1, 9), 64 * rng.randint(1, 5)))
        make()
        done = subprocess.run([str(program), TEST], capture_output=True, text=True, check=False,
                              env={**os.environ, "WMK_QUANTISED": folder})
    if done.returncode == 0:
        return None
    wrong = [line.strip() for line in done.stdout.splitlines() if ":=" in line or "is " in line]
    return f"seed {seed}, {place['shape']}: {'; '.join(wrong[-3:])}"


def main():
    report = claims.Claims()
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build" / "weightmark")
    program = program.resolve().parent / "tests" / "unit_tests"
    for package, maker, function, name in TOOLS:
        claim = f"interop: matrices quantised by {name} have its own values"
        try:
            importlib.import_module(package)
            place = importlib.import_module("make_library_vectors").PLACE
            make = getattr(importlib.import_module(maker), function)
        except ImportError as error:
            report.skip(claim, f"no Python package '{error.name}' here")
            continue
        if not program.exists():
            report.skip(claim, "unit_tests is not built")
            continue
        problems = [problem_of(program, make, place, seed) for seed in range(ROUNDS)]
        report.check(f"{claim} ({ROUNDS} rounds)", [problem for problem in problems if problem])
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
