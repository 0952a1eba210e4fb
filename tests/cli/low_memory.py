#!/usr/bin/env python3
"""If a worker thread gets no memory, a command ends with one clear error. low_memory.py [PROGRAM]

A small library, loaded before all others, refuses large blocks to all threads but the first. (A
limit of the address space would hit OpenBLAS first, which then waits for ever.) An exception that
leaves a worker thread would end the program by a signal. Skipped where there is no C compiler.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

PROGRAM = pathlib.Path([*sys.argv, TOP / "build" / "weightmark"][1]).resolve()
SECONDS_MAX = 120
FROM_BYTES = 64 << 10
LIBRARY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>
void *malloc(size_t bytes) {
  static void *(*real)(size_t);
  if (!real) real = dlsym(RTLD_NEXT, "malloc");
  if (bytes >= FROM_BYTES && gettid() != getpid()) {
    errno = ENOMEM;
    return 0;
  }
  return real(bytes);
}
"""
EXPECTED = ["weightmark: error: out of memory",
            "weightmark: hint: fewer threads need less memory (--threads 1)"]


def run(folder, *arguments, library=None):
    environment = {**os.environ, **({"LD_PRELOAD": str(library)} if library else {})}
    done = subprocess.run([str(PROGRAM), *map(str, arguments)], cwd=folder, check=False, text=True,
                          errors="replace", capture_output=True, env=environment,
                          timeout=SECONDS_MAX)
    return done.returncode, done.stdout, done.stderr.splitlines()


def problems(folder, library, *arguments):
    """The command succeeds with memory, also on the first thread alone, and fails as it should."""
    alone = run(folder, *arguments, "--threads", "1", library=library)
    code, said, errors = run(folder, *arguments, "--threads", "2", library=library)
    out = [] if alone[0] == 0 else [f"on one thread: exit code {alone[0]}, {alone[2]}"]
    if (code, said, errors) != (2, "", EXPECTED):
        out.append(f"exit code {code}, {said!r}, {errors}")
    return out


def main():
    report = claims.Claims()
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        report.skip("a worker thread without memory", "there is no C compiler")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="weightmark-memory-") as name:
        folder = pathlib.Path(name)
        library = folder / "refuse.so"
        subprocess.run([compiler, "-shared", "-fPIC", f"-DFROM_BYTES={FROM_BYTES}", "-x", "c", "-",
                        "-o", library], input=LIBRARY, text=True, check=True)
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / "model",
                        "--hidden", "256", "--ffn", "1024", "--layers", "4"], check=True,
                       stdout=subprocess.DEVNULL)
        run(folder, "keygen", "it.key")
        mark = ["embed", "model", "--key", "it.key", "--strength", ".03", "--shares", "1", "-o"]
        for command in ([*mark, "out", "--force"], ["detect", "out", "--key", "it.key", "--full"],
                        ["compare", "out", "model"]):
            report.check(f"{command[0]}: a worker thread without memory gives one error",
                         problems(folder, library, *command, "--quiet"))
        left = sorted(path.name for path in folder.iterdir())
        report.check("nothing half-made is left", left == ["it.key", "model", "out", "out.mark",
                                                           "refuse.so"])
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
