#!/usr/bin/env python3
"""Runs the fuzz targets one after the other: run.py [--seconds N | --runs N] [TARGET...].

Called by `./run fuzz [SECONDS]` on the programs of build-fuzz/ and, with a fixed number of runs, by
`./run test` on those of build-bad-input/. A crash, a leak, an input that takes more than its share
of time or memory: each is a finding, and the input is kept in findings/ of that folder. What
--seconds finds worth keeping is kept in corpus/; `--keep` brings the few of those that reach
furthest beyond the seeds into tests/fuzz/corpus/. The last line is 'N passed, N failed'.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import seeds

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

KEPT = pathlib.Path(__file__).with_name("corpus")
DICTIONARIES = pathlib.Path(__file__).with_name("dictionaries")
SKIP = 77
INPUT_BYTES_MAX = 1 << 16
KEPT_BYTES_MAX, KEPT_MAX = 1024, 24
# An input of 64 KiB that needs more memory than this is a finding.
LIMITS = ["-timeout=10", "-malloc_limit_mb=128", "-rss_limit_mb=1024"]
STATISTIC = re.compile(r"^stat::(\w+):\s+(\d+)", re.MULTILINE)
COVERAGE = re.compile(r"\bcov: (\d+)")


def targets():
    sources = pathlib.Path(__file__).parent.rglob("*_fuzz.cc")
    return sorted(source.stem.removesuffix("_fuzz") for source in sources)


def in_memory():
    """A temporary folder in memory, if there is one."""
    shared = pathlib.Path("/dev/shm")
    usable = shared.is_dir() and os.access(shared, os.W_OK)
    return tempfile.TemporaryDirectory(prefix="wmk-fuzz-", dir=shared if usable else None)


def program(build, target):
    return build / "tests" / "fuzz" / f"{target}_fuzz"


def command(build, target, options):
    words = [str(program(build, target)), f"-max_len={INPUT_BYTES_MAX}", *LIMITS, *options]
    dictionary = DICTIONARIES / f"{target}.dict"
    return words + ([f"-dict={dictionary}"] if dictionary.exists() else [])


def run(words, scratch):
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False,
                          env={**os.environ, "TMPDIR": scratch}, stdin=subprocess.DEVNULL)
    return done.returncode, done.stderr


def summary(output):
    numbers = dict(STATISTIC.findall(output))
    coverage = (COVERAGE.findall(output) or ["?"])[-1]
    return (f"{numbers.get('number_of_executed_units', '?')} executions, coverage {coverage}, "
            f"{numbers.get('peak_rss_mb', '?')} MB")


def finding(output):
    """The lines of a report that say what happened and where."""
    lines = [line.strip() for line in output.splitlines()]
    telling = re.compile(r"ERROR|runtime error|SUMMARY|Test unit written|#\d+ 0x\w+ in wmk|Assert")
    return [line for line in lines if telling.search(line)][:12] or lines[-12:]


def fuzz(build, target, options, corpora, scratch, report):
    findings = build / "findings"
    findings.mkdir(exist_ok=True)
    code, output = run(command(build, target, [f"-artifact_prefix={findings}/{target}-",
                                      "-print_final_stats=1", *options, *map(str, corpora)]),
                     scratch)
    claim = f"fuzz: {target}: {summary(output)}, {'no' if code == 0 else 'a'} finding"
    report.check(claim, [] if code == 0 else finding(output))


def keep(build, target, corpora, scratch):
    """Writes a small set of inputs with the same coverage into the tree."""
    merged = pathlib.Path(scratch) / "merged"
    merged.mkdir()
    words = command(build, target, ["-set_cover_merge=1"])
    words[words.index(f"-max_len={INPUT_BYTES_MAX}")] = f"-max_len={KEPT_BYTES_MAX}"
    run([*words, str(merged), *map(str, corpora)], scratch)
    seeded = {path.read_bytes() for path in corpora[-1].iterdir()}
    # Chosen and written in the order of the coverage that they add.
    chosen = sorted(merged.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    own = [content for path in chosen if (content := path.read_bytes()) not in seeded]
    shutil.rmtree(KEPT / target, ignore_errors=True)
    kept = seeds.Seeds(KEPT)
    for content in own[:KEPT_MAX]:
        kept.add(target, content)
    shutil.rmtree(merged)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--runs", type=int, help="that many, from a fixed seed, and leave no trace")
    parser.add_argument("--keep", action="store_true", help="renew tests/fuzz/corpus; no fuzzing")
    parser.add_argument("--build", default="build-fuzz", metavar="FOLDER")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=" ".join(targets()))
    options = parser.parse_args()
    build = TOP / options.build
    if not all(program(build, target).exists() for target in targets()):
        print(f"skip - fuzz: {options.build} has no targets (they need clang and its libFuzzer)")
        sys.exit(SKIP)
    report, names = claims.Claims(), options.targets or targets()
    with in_memory() as scratch:
        made = pathlib.Path(scratch) / "seeds"
        seeds.write(made)
        for target in names:
            found = pathlib.Path(scratch) / "found" if options.runs else build / "corpus"
            (found / target).mkdir(parents=True, exist_ok=True)
            corpora = [path / target for path in (found, KEPT, made) if (path / target).exists()]
            if options.keep:
                keep(build, target, corpora, scratch)
                continue
            length = (["-seed=1", f"-runs={options.runs}"] if options.runs
                      else [f"-max_total_time={options.seconds}"])
            fuzz(build, target, length, corpora, scratch, report)
    if not options.keep:
        print(f"{len(names) - report.failed} passed, {report.failed} failed")
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
