"""Runs commands and measures them: wall time, processor time, peak memory. Not thread-safe.

Every command starts on an idle disk: what earlier ones wrote is waited for first, outside of its
time. Otherwise it would share the disk with their pages, and embed, which waits for the disk
itself, would be charged for them. Commands that write get memory that the machine really has: a
virtual machine gives what was freed back to its host after seconds, and then each page costs a
fault (a `cp` of 2 GB: 2.6 s of processor time instead of 0.6).
"""
import dataclasses
import os
import pathlib
import statistics
import subprocess
import sys
import time

# Hides the SHA instructions of the processor from OpenSSL (bit 29 of the extended features).
NO_SHA = {"OPENSSL_ia32cap": ":~0x20000000"}
TOUCHED_MAX = 4 << 30
TOUCH = ("import mmap, sys; "
         "flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE; "
         "mmap.mmap(-1, int(sys.argv[1]), flags=flags)")


@dataclasses.dataclass
class Run:
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    stdout: str


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def settle(bytes_written):
    """Waits for the disk. Takes and frees as much memory as will be written, in a process of its
    own, because a command's peak would begin with that of this one."""
    os.sync()
    if bytes_written > 0:
        subprocess.run([sys.executable, "-c", TOUCH, str(min(bytes_written, TOUCHED_MAX))],
                       check=True)


def once(command, environment=None, fine=(0,), bytes_written=0):
    """Runs a command to its end. The output is kept, except for that of cat."""
    words = [str(word) for word in command]
    keep = words[0] != "cat"
    settle(bytes_written)
    begin = time.monotonic()
    with subprocess.Popen(words, env={**os.environ, **(environment or {})},
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          stdout=subprocess.PIPE if keep else subprocess.DEVNULL) as process:
        stdout = process.stdout.read() if keep else b""
        stderr = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in fine:
        sys.exit(f"bench: {' '.join(words)}: exit code {process.returncode}: {stderr.decode()}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024,
               stdout.decode(errors="replace"))


def rounds(subjects, count, warm=None):
    """{name: [Run]}: `warm` fills the cache (default: a round more), then `count` rounds.

    In a round every command runs once, so that a slow phase of the machine affects all of them.
    """
    note("warming up")
    for step in [warm] if warm else subjects.values():
        step()
    results = {name: [] for name in subjects}
    for number in range(1, count + 1):
        note(f"round {number} of {count}")
        for name, subject in subjects.items():
            results[name].append(subject())
    return results


def with_kernel(name):
    """The environment that makes the program use this kernel; None leaves the choice to it."""
    return {"WMK_KERNEL": name} if name else {}


def cell(value, form):
    return "-" if value is None else format(value, form)


def median(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def machine():
    """The properties of the machine that affect the results."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    flags = fields.get("flags", "").split()
    version = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=False)
    return {"processor": fields.get("model name", "unknown"), "cores": os.cpu_count(),
            "extensions": [flag for flag in ("avx2", "avx512f", "sha_ni") if flag in flags],
            "openssl": version.stdout.strip()}
