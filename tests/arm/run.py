#!/usr/bin/env python3
"""The portable kernel on Arm (NEON): the unit test of bf16 products, compiled for aarch64 and run
by emulation. Without the cross compiler or the emulator (Debian: g++-aarch64-linux-gnu,
qemu-user-static) it is skipped.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64-static"
SOURCES = [*sorted(TOP.glob("stats/bf16/*.cc")), TOP / "base/text.cc", TOP / "base/utf8.cc",
           TOP / "base/bytes.cc", TOP / "base/memory/wiped.cc",
           TOP / "tests/unit/stats/bf16_test.cc"]
# As in CMakeLists.txt: contraction only where it changes no bit.
CONTRACTED = ("avx512.cc", "widened.cc")


def headers(folder):
    """Catch2's header alone: the compiler must not see the headers of this machine."""
    for place in ("/usr/include/catch2", "/usr/local/include/catch2"):
        if pathlib.Path(place).is_dir():
            (folder / "catch2").symlink_to(place)
            return True
    return False


def build(folder):
    main = folder / "main.cc"
    main.write_text("#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n", encoding="utf-8")
    jobs, objects = [], []
    for source in [main, *SOURCES]:
        target = folder / f"{len(objects)}.o"
        contract = "fast" if source.name in CONTRACTED else "off"
        jobs.append(subprocess.Popen(
            [COMPILER, "-std=c++20", "-O0" if source == main else "-O2",
             "-ffp-contract=" + contract, "-I", TOP, "-I", folder, "-c", source, "-o", target]))
        objects.append(target)
        if len(jobs) == 2 and any([job.wait() for job in jobs]):
            return None
        jobs = jobs if len(jobs) < 2 else []
    if any([job.wait() for job in jobs]):
        return None
    program = folder / "bf16_test"
    link = [COMPILER, "-static", "-o", program, *objects]
    return program if subprocess.run(link, check=False).returncode == 0 else None


def main():
    missing = [tool for tool in (COMPILER, EMULATOR) if shutil.which(tool) is None]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if missing or not headers(folder):
            print(f"skip - arm: no {', '.join(missing) or 'Catch2 header'}")
            return 0
        program = build(folder)
        if program is None:
            print("not ok - arm: the kernels compile for aarch64")
            return 1
        return subprocess.run([EMULATOR, program], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
