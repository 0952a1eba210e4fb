"""The bench of other ways to the same answer: the Python package beside the program, two processes
of mpirun beside two threads, a scan beside single commands on files that are not in the page cache.
Not thread-safe.

Python is the one of the build (tests/python/run.py leaves it there) or that of --python, which has
a wheel installed. What is missing is left out, with a note.
"""
import os
import pathlib
import shutil
import sys

import measure
from subject import SYNTHETIC, Subject, make_model

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import python_venv  # noqa: E402

CALL = pathlib.Path(__file__).resolve().parent / "detect_call.py"
VECTORS = TOP / "tests" / "vectors" / "oms"
SHARDS, SUSPECTS, SUSPECT_LAYERS = 8, 4, 8
MPIRUN = ("mpirun", "--allow-run-as-root", "--oversubscribe", "-q", "-n", "2")
START, PROGRAM, TWO = "mpirun alone", "program", "two processes"


def python_of(program, chosen):
    """(words that start it, its environment), or None."""
    if chosen:
        return [chosen], {}
    package = program.parent / "python-package"
    python = python_venv.with_modules({"numpy": "numpy", "ml_dtypes": "ml_dtypes"}, "python")
    return ([python], {"PYTHONPATH": str(package)}) if python and package.is_dir() else None


def call(python, way, subject):
    """A run of `detect` whose seconds are those of the call, without the start of Python."""
    words, environment = python
    run = measure.once([*words, CALL, way, subject.marked, subject.key], environment)
    run.seconds = float(run.stdout)
    return run


def python_subjects(program, subject, chosen):
    out = {("detect --full", PROGRAM): lambda: subject.detect("--full")}
    python = python_of(program, chosen)
    if python is None:
        measure.note("no Python package in the build (tests/python/run.py): left out")
        return out
    for way in ("files", "memory"):
        out["detect --full", f"Python, {way}"] = lambda way=way: call(python, way, subject)
    return out


def shared_commands(subject, out):
    """{name: (words, bytes written)}: what the processes of mpirun do together."""
    record = subject.folder / "shared.mark"
    common = ("--key", subject.key, "--quiet")
    return {
        "detect --full": (("detect", subject.marked, "--full", "--shares", "1", *common), 0),
        "trace": (("trace", subject.marked, "--licensees", subject.folder / "ids",
                          *common), 0),
        "embed, one share": (("embed", subject.model, "-o", out, "--shares", "1", "--record",
                              record, "--force", *common), subject.bytes),
        "sign": (("sign", subject.model, "--private-key", VECTORS / "p256.key.pem", "--signature",
                  subject.folder / "it.sig", "--force", "--quiet"), 0),
        "compare, derived": (("compare", subject.marked, subject.model, "--quiet"), 0)}


def shared_subjects(program, subject):
    shared = program.parent / "tests" / "weightmark_mpi"
    if not shared.is_file() or not shutil.which("mpirun"):
        measure.note("no weightmark_mpi in the build or no mpirun: left out")
        return {}
    out = subject.folder / "out"
    threads = max(1, os.cpu_count() // 2)

    def ran(words, count, written):
        shutil.rmtree(out, ignore_errors=True)
        return measure.once([*words, "--threads", str(count)], fine=(0, 1, 3),
                            bytes_written=written)

    subjects = {(START, TWO): lambda: measure.once([*MPIRUN, shared, "--version"])}
    for name, (words, written) in shared_commands(subject, out).items():
        subjects[name, PROGRAM] = (
            lambda words=words, written=written: ran([program, *words], 2 * threads, written))
        subjects[name, TWO] = (
            lambda words=words, written=written: ran([*MPIRUN, shared, *words], threads, written))
    return subjects


def forget(files):
    """Takes files out of the page cache."""
    os.sync()
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def scan_subjects(program, folder, key):
    """Unmarked models, each read from the disk."""
    models = [folder / f"suspect-{number}" for number in range(SUSPECTS)]
    sizes = {**SYNTHETIC, "layers": SUSPECT_LAYERS}
    files = [path for seed, model in enumerate(models, 1)
             for path in make_model(model, sizes, seed=seed)]
    listed, results = folder / "suspects.txt", folder / "results.jsonl"
    listed.write_text("".join(f"{model}\n" for model in models), encoding="utf-8")
    options = ("--key", key, "--shares", "1", "--sites", "ffn", "--readings", "declared", "--full",
               "--quiet")

    def cold(words):
        forget(files)
        return measure.once(words, fine=(0, 1, 3))

    def one_by_one():
        runs = []
        for model in models:
            forget(files)
            runs.append(measure.once([program, "detect", model, *options], fine=(0, 1, 3)))
        return measure.Run(*(combine(getattr(run, field) for run in runs) for field, combine in
                             (("seconds", sum), ("cpu_seconds", sum), ("peak_bytes", max))), "")

    subjects = {(f"scan of {SUSPECTS}, cold", "cat"): lambda: cold(["cat", *files]),
                (f"scan of {SUSPECTS}, cold", "detect, one by one"): one_by_one}
    for jobs in (1, 4):
        subjects[f"scan of {SUSPECTS}, cold", f"--jobs {jobs}"] = lambda jobs=jobs: cold(
            [program, "scan", listed, "-o", results, "--force", "--jobs", str(jobs), *options])
    return subjects


def rows_of(results):
    return [{"measure": name, "way": way,
             **{field: measure.median(runs, field)
                for field in ("seconds", "cpu_seconds", "peak_bytes")}}
            for (name, way), runs in results.items()]


def run(program, folder, count, python=None, layers=None):
    """The part of the document on ways. `layers`: of the model, to try the bench."""
    sizes = {**SYNTHETIC, "layers": layers or SYNTHETIC["layers"], "files": SHARDS}
    subject = Subject(program, folder / "ways", sizes)
    (subject.folder / "ids").write_text("anna\nbert\ncleo\n", encoding="utf-8")
    subject.make_marked()
    results = measure.rounds({**python_subjects(program, subject, python),
                              **shared_subjects(program, subject)}, count, subject.warm)
    rows = rows_of(results)
    bytes_read = subject.bytes
    subject.remove()
    key = folder / "its.key"
    measure.once([program, "keygen", key])
    rows += rows_of(measure.rounds(scan_subjects(program, folder, key), count, lambda: None))
    return {"bytes": bytes_read, "rows": rows}


def speed(row, rows):
    """How fast a way is, relative to the first way of the same measure; mpirun's start apart."""
    first = next(each for each in rows if each["measure"] == row["measure"])
    start = next((each["seconds"] for each in rows if each["measure"] == START), 0)
    spent = row["seconds"] - (start if row["way"] == TWO else 0)
    return None if row["measure"] == START or spent <= 0 else first["seconds"] / spent


def render(part):
    form = "{:<18} {:<20} {:>8} {:>8} {:>8} {:>8}"
    lines = [f"other ways to the same answer, {part['bytes'] / 1e9:.2f} GB in {SHARDS} files; "
             "speed relative to the first way, without the start of mpirun.", "",
             form.format("measure", "way", "seconds", "cpu s", "speed", "peak MB")]
    return lines + [form.format(row["measure"], row["way"], f"{row['seconds']:.2f}",
                                f"{row['cpu_seconds']:.2f}",
                                measure.cell(speed(row, part["rows"]), ".2f"),
                                f"{row['peak_bytes'] / 1e6:.0f}") for row in part["rows"]]
