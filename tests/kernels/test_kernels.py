#!/usr/bin/env python3
"""Every kernel that the processor has (WMK_KERNEL, specs/speed.md): the vectors of the mark agree,
z is that of the portable kernel to within 0.05, and copies marked by it differ from the portable
kernel's in at most 0.2 % of the words by more than a neighbour. All kernels but amx give the same
bytes and the same z.

test_kernels.py [--program PATH] [--unit-tests PATH]
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
from claims import Claims  # noqa: E402

ALL = ("amx", "avx512bf16", "avx512", "avx2", "portable")
SIZES = ("--hidden", "512", "--ffn", "1536", "--layers", "4", "--vocabulary", "2000")
Z_MAX, WORDS_MAX = 0.05, 0.002


class Program:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def __call__(self, kernel, *words, fine=(0,)):
        environment = {**os.environ, **({"WMK_KERNEL": kernel} if kernel else {})}
        done = subprocess.run([self.path, *words], cwd=self.folder, env=environment, check=False,
                              capture_output=True, text=True)
        if done.returncode not in fine:
            sys.exit(f"{' '.join(words)}: exit code {done.returncode}: {done.stderr}")
        return done


def words_of(folder):
    """The 16-bit words of the weights, without the header."""
    data = (folder / "model.safetensors").read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    return memoryview(data)[begin:].cast("H")


def far_words(one, other):
    """Part of the words that are neither equal nor neighbours among the numbers of bf16."""
    return sum(abs(a - b) > 1 for a, b in zip(one, other) if a != b) / len(one)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--unit-tests", type=pathlib.Path, default=TOP / "build/tests/unit_tests")
    options = parser.parse_args()
    claims = Claims()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        program = Program(options.program.resolve(), folder)
        shown = program(None, "--version", "--verbose").stdout
        here = shown.split("processor has: ")[1].split("\n")[0].split(";")[0].split(", ")
        claims.check("--version --verbose names the fastest kernel",
                     f"weights: {here[0]} (" in shown)
        wrong = program("none", "inspect", ".", fine=(2,))
        claims.check("a kernel that does not exist is an error that names those that do",
                     all(each in wrong.stderr for each in ALL))
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", "model", *SIZES],
                       cwd=folder, check=True, capture_output=True)
        program(None, "keygen", "owner.key")
        reference, z = None, None
        for kernel in reversed(ALL):
            if kernel not in here:
                refused = program(kernel, "inspect", "model", fine=(2,))
                claims.check(f"{kernel}: refused, since this processor lacks it",
                             "this processor does not have that" in refused.stderr)
                claims.skip(f"kernels: {kernel}", "this processor lacks it")
                continue
            shown = program(kernel, "--version", "--verbose").stdout
            claims.check(f"{kernel}: in use", f"weights: {kernel} (chosen by WMK_KERNEL)" in shown)
            vectors = subprocess.run([options.unit_tests, "[vectors]"], check=False,
                                     env={**os.environ, "WMK_KERNEL": kernel}, capture_output=True)
            claims.check(f"{kernel}: the vectors agree", vectors.returncode == 0)
            program(kernel, "embed", "model", "--key", "owner.key", "-o", kernel, "--quiet")
            words = words_of(folder / kernel)
            answer = json.loads(program(kernel, "detect", "portable", "--key", "owner.key",
                                        "--full", "--json", "--quiet").stdout)
            reference, z = reference or words, answer["z"] if z is None else z
            far = far_words(words, reference)
            claims.check(f"{kernel}: z {answer['z']:.3f}, portable {z:.3f}",
                         abs(answer["z"] - z) <= Z_MAX and z > 10)
            claims.check(f"{kernel}: {far:.6f} of the words are not even neighbours",
                         far <= WORDS_MAX)
            if kernel != "amx":
                claims.check(f"{kernel}: the same bytes and the same z as the portable kernel",
                             words == reference and answer["z"] == z)
    return claims.finish()


if __name__ == "__main__":
    sys.exit(main())
