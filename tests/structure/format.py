#!/usr/bin/env python3
"""Is every C++ file laid out as .clang-format says? Skipped where clang-format-16 is missing."""
import shutil
import subprocess
import sys

from tree import TOP, claims, files

PROGRAM = "clang-format-16"  # versions differ in small things, so one of them decides


def problems(paths):
    done = subprocess.run([PROGRAM, "--dry-run", *map(str, paths)], cwd=TOP, check=False,
                          capture_output=True, text=True)
    return [line for line in done.stderr.splitlines() if "warning:" in line]


def main():
    report = claims.Claims()
    if not shutil.which(PROGRAM):
        report.skip("format: files are laid out as .clang-format says", f"no {PROGRAM}")
        return report.finish()
    planted = subprocess.run([PROGRAM, "--dry-run", "-Werror", "--assume-filename=x.cc"], cwd=TOP,
                             input="int  f( ){return 1;}", text=True, capture_output=True,
                             check=False)
    report.check("format: a planted fault is found", planted.returncode != 0)
    report.check("format: files are laid out as .clang-format says",
                 problems(path for path in files() if path.suffix in (".cc", ".h")))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
