#!/usr/bin/env python3
"""The real program on a checkpoint that is larger than the disk: run.py [--gigabytes 60] ...

Makes a sparse model (sparse_model.py), reads and marks it with the unchanged program, and prints
time, weights a second and core, and peak memory, which must stay under 400 MB; then what follows
for larger models, and what failures cost (projection.py). `embed` writes real bytes, so it marks a
smaller model of the same shape, as large as --embed-gigabytes. Nothing else may run meanwhile.
Exit code 1: a check failed.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
sys.path.insert(0, str(TOP / "tests" / "scale"))
import claims  # noqa: E402
import projection  # noqa: E402
import sparse_model  # noqa: E402

PEAK_BYTES_MAX = 400e6
SECONDS_TO_KILL = 5  # a shorter run may be over before it is killed
MARKED_SHARDS = 16  # so that a killed run has finished some


class Subject:
    """A sparse model and how the program is run on it."""

    def __init__(self, program, folder, shape, threads, shard_bytes=sparse_model.SHARD_BYTES):
        self.folder, self.threads, self.shape = folder, threads, shape
        self.environment = sparse_model.make(folder, self.shape, shard_bytes)
        self.program, self.weights = program, self.shape.bytes() // 2
        self.apparent = sum(p.stat().st_size for p in (folder / "model").glob("*.safetensors"))
        subprocess.run([program, "keygen", folder / "owner.key"], check=True,
                       stdout=subprocess.DEVNULL)
        self.on_disk = 512 * sum(p.stat().st_blocks
                                 for p in (folder / "model").glob("*.safetensors"))

    def start(self, *words):
        command = [self.program, *words, "--json", "--quiet", "--threads", str(self.threads)]
        return subprocess.Popen([str(word) for word in command], cwd=self.folder,
                                env={**os.environ, **self.environment}, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def run(self, *words, fine=(0,)):
        """Seconds, processor seconds, peak bytes and answer."""
        begin = time.monotonic()
        with self.start(*words) as process:
            stdout, stderr = process.stdout.read(), process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in fine:
            sys.exit(f"scale: {words}: exit code {process.returncode}: {stderr}")
        return (time.monotonic() - begin, usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss * 1024, json.loads(stdout))


def row(report, what, subject, found):
    seconds, cpu, peak, _ = found
    print(f"| {what} | {subject.weights / 1e9:.2f} | {subject.apparent / 1e9:.1f} GB "
          f"| {seconds:.1f} s | {cpu:.1f} s | {subject.weights / cpu / 1e6:.0f} M "
          f"| {peak / 1e6:.0f} MB |", flush=True)
    report.check(f"{what} stays under {PEAK_BYTES_MAX / 1e6:.0f} MB", peak < PEAK_BYTES_MAX)
    return subject.weights / cpu


def measure_reading(report, subject):
    """Weights a second and core of `detect --full`."""
    row(report, "inspect", subject, subject.run("inspect", "model"))
    found = subject.run("detect", "model", "--key", "owner.key", "--full", "--shares", "1",
                        "--readings", "declared", fine=(0, 1, 3))
    speed = row(report, "detect --full, one share", subject, found)
    report.check("an unmarked model has no mark", found[3]["verdict"] not in ("conclusive",
                                                                              "detected"))
    return speed


def measure_marking(report, subject):
    """Weights a second and core of `embed`; the marked copy is found again."""
    words = ("embed", "model", "--key", "owner.key", "--shares", "1", "--strength", "0.004")
    found = subject.run(*words, "-o", "marked")
    speed = row(report, "embed, one share", subject, found)
    row(report, "detect, early stop", subject,
        subject.run("detect", "marked", "--key", "owner.key", "--shares", "1"))
    digest = (subject.folder / "marked.mark").read_bytes()
    shutil.rmtree(subject.folder / "marked")
    kills = kill_and_resume(subject, words, found[0])
    again = subject.run(*words, "-o", "again", "--resume", "--force")
    report.check(f"a marking that failed {kills} times ends with the same record",
                 (subject.folder / "again.mark").read_bytes() == digest)
    kept = again[3]["resume"]
    if found[0] > SECONDS_TO_KILL:
        report.check("it kept finished shards", kept["kept"] > 0)
    print(f"\nkilled {kills} times; the last run kept {kept['kept']} of {kept['shards']} shards "
          f"and took {again[0]:.1f} s of {found[0]:.1f} s", flush=True)
    return speed


def kill_and_resume(subject, words, seconds):
    """Kills three runs, late enough for shards to be finished."""
    kills = 0
    for part in (.4, .6, .8):
        process = subject.start(*words, "-o", "again", "--resume")
        time.sleep(part * seconds)
        process.kill()
        process.communicate()
        kills += process.returncode != 0
    return kills


def main():
    parser = argparse.ArgumentParser(description="the program on a checkpoint of any size")
    parser.add_argument("--gigabytes", type=float, default=60, help="apparent size that is read")
    parser.add_argument("--embed-gigabytes", type=float, default=8,
                        help="size that is marked, of real bytes: as much disk is needed")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--folder", type=pathlib.Path, default=None, help="where to work")
    options = parser.parse_args()
    report, program = claims.Claims(), options.program.resolve()
    with tempfile.TemporaryDirectory(prefix="weightmark-scale-", dir=options.folder) as name:
        folder = pathlib.Path(name)
        free = shutil.disk_usage(folder).free
        if free < 1.2e9 * options.embed_gigabytes:
            sys.exit(f"scale: {free / 1e9:.0f} GB are free: choose less --embed-gigabytes")
        print("| command | weights (10^9) | size | time | processor time | weights a second and "
              "core | peak |\n|---|---|---|---|---|---|---|", flush=True)
        large = Subject(program, folder / "large",
                        sparse_model.shape_of(options.gigabytes * 1e9), options.threads)
        detect = measure_reading(report, large)
        print(f"\n{large.apparent / 1e9:.1f} GB take {large.on_disk / 1e6:.1f} MB of disk\n")
        size = options.embed_gigabytes * 1e9
        small = Subject(program, folder / "small", sparse_model.shape_of(size), options.threads,
                        size / MARKED_SHARDS)
        embed = measure_marking(report, small)
        print("\n" + projection.tables({"detect --full": detect, "embed": embed}, embed))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
