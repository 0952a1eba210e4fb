#!/usr/bin/env python3
"""Runs all tests of the project; the last line is 'N passed, N failed, N skipped'.

Called by `./run test` after both builds. A step is a list of commands. Its output is shown when it
ends and counted line by line: Catch2's summary, or the lines of tests/claims.py. A command that
prints neither counts as one test by its exit code; 77 means skipped. `run_all.py WORD...` runs only
the steps with one of the words in their heading.
"""
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
SKIP = 77
FUZZ_RUNS = "500"  # of each target: a few seconds
SHOWING = threading.Lock()
ALL_PASSED = re.compile(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)")
TEST_CASES = re.compile(r"test cases:\s*\d+")
PART = re.compile(r"\|\s*(\d+) (passed|failed)\b")


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def total(self):
        return self.passed + self.failed + self.skipped


def count(line, tally):
    """Adds the results that one line of output reports."""
    if match := ALL_PASSED.match(line):
        tally.passed += int(match[1])
    elif TEST_CASES.match(line):
        for number, word in PART.findall(line):
            setattr(tally, word, getattr(tally, word) + int(number))
    elif line.startswith("ok - "):
        tally.passed += 1
    elif line.startswith("not ok - "):
        tally.failed += 1
    elif line.startswith("skip - "):
        tally.skipped += 1


def judge(exit_code, tally):
    """The exit code counts if the output reports nothing, and always if it is a failure."""
    if exit_code == SKIP:
        tally.skipped += tally.total() == 0
    elif exit_code != 0:
        tally.failed += tally.failed == 0
    elif tally.total() == 0:
        tally.passed += 1


def run(command, lines):
    """Runs one command; its output goes to `lines`."""
    lines.append("$ " + " ".join(str(part) for part in command))
    tally = Tally()
    try:
        process = subprocess.Popen([str(part) for part in command], cwd=TOP, env=environment(),
                                   text=True, errors="replace", stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        lines.append(f"not ok - cannot run: {error}")
        return Tally(failed=1)
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        count(line, tally)
    judge(process.wait(), tally)
    return tally


def run_step(heading, commands, total):
    """Prints the output of a step when it has ended, because steps run concurrently."""
    begin, tally, lines = time.monotonic(), Tally(), [f"\n== {heading} =="]
    for command in commands:
        tally += run(command, lines)
    lines.append(f"-- {heading}: {tally} ({time.monotonic() - begin:.0f} s)")
    with SHOWING:
        print("\n".join(lines), flush=True)
        total += tally


def environment():
    sanitizers = {"ASAN_OPTIONS": "detect_stack_use_after_return=1:allocator_may_return_null=1",
                  "UBSAN_OPTIONS": "print_stacktrace=1"}
    return {**os.environ, **sanitizers, "PYTHONDONTWRITEBYTECODE": "1"}


def scripts(folder, pattern="*"):
    """The executable files of a folder, sorted by name."""
    return [[path] for path in sorted((TOP / "tests" / folder).glob(pattern))
            if path.is_file() and os.access(path, os.X_OK)]


def stages():
    """Lists of lanes. The steps of a lane run in sequence, the lanes of a stage concurrently. Steps
    that need the real model, or its Python packages, are in one lane."""
    transcripts = ["python3", "tests/cli/run_transcripts.py", "--program"]
    bad = sorted(str(p.relative_to(TOP)) for p in (TOP / "tests" / "cli").glob("bad-*.txt"))
    sanitized = [["build-bad-input/tests/unit_tests", "[bad-input]", "--warn", "NoTests"]]
    if bad:
        sanitized.append([*transcripts, "build-bad-input/weightmark", *bad])
    own = {
        "unit tests": [["build/tests/unit_tests"]],
        "kernels": [["python3", "tests/kernels/test_kernels.py"],
                    ["python3", "tests/arm/run.py"]],
        "structure tests": scripts("structure", "*.py"),
        "command line transcripts": [["python3", "tests/cli/self_test.py"],
                                     [*transcripts, "build/weightmark"],
                                     ["python3", "tests/cli/terminal.py"],
                                     ["python3", "tests/cli/low_memory.py"],
                                     ["python3", "tests/cli/sign_order.py"],
                                     ["python3", "tests/cli/log_kill.py"],
                                     ["python3", "tests/cli/scan_kill.py"],
                                     ["python3", "tests/cli/embed_kill.py"]],
        "report pages": [*scripts("report", "test_*.py"),
                         ["python3", "tests/real/sigma_demo.py", "--models", "4"]],
        "processes of mpirun": [["python3", "tests/mpi/test_mpi.py"]],
        "scale": [["python3", "tests/scale/test_scale.py"]],
        "models over the network": [["python3", "tests/remote/test_remote.py"]],
        "collecting logits": [["python3", "tests/tools/test_collect_protocol.py"]],
        "installed library": [["python3", "tests/install/install.py"],
                              ["python3", "tests/install/container.py"]],
        "man pages and completions": [["python3", "tests/install/manual.py"]],
        "site": [["python3", "tests/docs/site.py"]],
        "publishing from CI": [["python3", "tests/docs/workflow.py"]],
        "Python package": [["python3", "tests/python/run.py"]],
        "bad input under sanitizers": sanitized,
        "fuzzing": [["python3", "tests/fuzz/run.py", "--build", "build-bad-input",
                     "--runs", FUZZ_RUNS]],
    }
    others = {
        "real model": [["python3", "tests/real/run.py"],
                       ["python3", "tests/real/heads/test_heads.py"],
                       ["python3", "tests/real/collusion/collusion.py", "--quick"],
                       ["python3", "tests/real/test_repacked.py"],
                       ["python3", "tests/real/parts/test_ranks.py"],
                       ["python3", "tests/real/logits/test_logits.py"],
                       ["python3", "tests/tools/test_collect_real.py"],
                       ["python3", "tests/real/tokens/formats.py"],
                       ["python3", "tests/real/lineage.py"],
                       ["python3", "tests/real/seeds.py", "--models", "6"],
                       ["python3", "tests/real/seeds.py", "--models", "4", "--biases"]],
        "suspects": [["python3", "tests/suspects/run.py", "--fast"]],
        "classes of transformers": [["python3", "tests/real/families/run.py"]],
        "interop": scripts("interop"),
        "conformance": scripts("conformance", "*.py"),
    }
    # This step uses all processors.
    return [[own, others], [{"null on the real model": [["python3", "tests/real/test_null.py"]]}]]


def run_lane(lane, wanted, total):
    for heading, commands in lane.items():
        if not wanted or any(word in heading for word in wanted):
            run_step(heading, commands, total)


def main():
    wanted, total = sys.argv[1:], Tally()
    for lanes in stages():
        threads = [threading.Thread(target=run_lane, args=(lane, wanted, total)) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(f"\n{total}")
    return 1 if total.failed or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
