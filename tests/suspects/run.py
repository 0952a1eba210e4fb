#!/usr/bin/env python3
"""Suspects that somebody wrote to be misread, and what the program says of them.

run.py [--program PATH] [--model DIR] [--only WORD...] [--fast] [--no-twins] [--table FILE]
[--jobs N]. Marks the real model, makes each suspect of rows.py from the marked copy and from the
original, and asks the questions of its row. --fast: the subset of the test suite, after exact.py.
Exit code 1 if an answer is not the one that is wanted, 77 without a model.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import rows

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests"), str(TOP / "tests" / "real")]
import claims  # noqa: E402
import prepare  # noqa: E402
import run as real  # noqa: E402

MAKE = pathlib.Path(__file__).with_name("make.py")
UNKNOWN_OPTION = ("was not expected", "were not expected")
HITS = (*rows.HIT, "derived")


@dataclasses.dataclass
class Answer:
    verdict: str            # or "error", or "not there yet"
    z: float = None
    claim: str = None
    notes: str = ""
    text: str = ""
    log10_p: float = None

    def short(self):
        return self.verdict if self.z is None else f"{self.verdict} {self.z:.1f}"


class Lab:
    """The folders that all suspects share; deleted by the caller."""

    def __init__(self, program, model, folder):
        self.program, self.folder = program, folder
        self.folders = {"original": str(model), "marked": str(folder / "marked"),
                        "record": str(folder / "marked.mark"), "fitted": str(folder / "fitted")}
        shutil.copy(real.KEY, folder / "owner.key")
        (folder / "owner.key").chmod(0o600)
        self.mark(model, "marked")

    def run(self, *words):
        return subprocess.run([str(self.program), *map(str, words)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)

    def mark(self, model, name):
        done = self.run("embed", model, "--key", self.folder / "owner.key", "-o",
                        self.folder / name, "--record", self.folder / f"{name}.mark", "--shares",
                        "1", "--quiet")
        if done.returncode != 0:
            raise RuntimeError(f"embed: {done.stderr.strip()}")

    def make(self, name, model, out):
        command = [prepare.environment(), MAKE, name, model, out, "--original",
                   self.folders["original"], "--key", self.folder / "owner.key"]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr.strip().splitlines()[-1:]}")

    def base(self, row):
        """The folders that the suspect and its twin are made from."""
        if row.base is None:
            marked = self.folders[row.source]
            return marked, self.folders["original"]
        plain, marked = self.folder / row.base, self.folder / f"{row.base}.marked"
        if not marked.exists():
            self.make(row.base, self.folders["original"], plain)
            self.mark(plain, marked.name)
        return marked, plain

    def ask(self, question, suspect, key=None):
        if question.asked == "compare":
            words = ["compare", suspect, self.folders["original"]]
        else:
            options = rows.OPTIONS[question.asked]
            words = ["detect", suspect, "--key", key or self.folder / "owner.key", "--shares",
                     "1", "--full", *(word.format(**self.folders) for word in options)]
        done = self.run(*words, "--json", "--quiet")
        if any(words in done.stderr for words in UNKNOWN_OPTION):
            return Answer("not there yet")
        try:
            document = json.loads(done.stdout)
        except json.JSONDecodeError:
            last = (done.stderr.strip().splitlines() or ["no output"])[0]
            return Answer("error", text=last)
        return Answer(document["verdict"], document.get("z"), document.get("claim"),
                      json.dumps(document.get("notes") or []), done.stdout + done.stderr,
                      document.get("log10_p"))


def problems(question, answer):
    """Sentences; none if the answer is the wanted one."""
    if answer.verdict == "not there yet":
        return []
    out = []
    if answer.verdict not in question.verdicts:
        out.append(f"{answer.short()}, wanted {' or '.join(question.verdicts)}"
                   + (f": {answer.text[:200]}" if answer.verdict == "error" else ""))
    elif question.z is not None and answer.z < question.z:
        out.append(f"z is {answer.z:.2f}, wanted {question.z}")
    hit = answer.verdict in rows.HIT
    if hit and question.claim and answer.claim != question.claim:
        out.append(f"the claim is {answer.claim}, wanted {question.claim}")
    if hit and question.has_note and answer.notes == "[]":
        out.append("there is no note")
    if answer.verdict == "undecided" and question.next_step not in (None, *answer.text.split()):
        if question.next_step not in answer.text:
            out.append(f"{question.next_step} is not named")
    return out


def try_row(lab, row, twins_wanted):
    """[(question, answer, problems, answer about the twin)]; an error is an answer."""
    out, (source, plain) = [], lab.base(row)
    suspect, twin = lab.folder / row.name, lab.folder / f"{row.name}.twin"
    try:
        lab.make(row.name, source, suspect)
        answers = [lab.ask(question, suspect) for question in row.questions]
        shutil.rmtree(suspect)
        if row.source == "original" or not twins_wanted:
            twins = [None] * len(answers)
        else:
            lab.make(row.name, plain, twin)
            twins = [None if question.asked == "compare" else lab.ask(question, twin)
                     for question in row.questions]
        for question, answer, other in zip(row.questions, answers, twins):
            found = problems(question, answer)
            if other and other.verdict in HITS:
                found.append(f"the unmarked twin is {other.short()}")
            out.append((question, answer, found, other))
    finally:
        for path in (suspect, twin):
            shutil.rmtree(path, ignore_errors=True)
    return out


def line(row, question, answer, found, twin):
    wanted = "/".join(question.verdicts) if question.verdicts != rows.NEVER_NO else "never no"
    wanted += "" if question.z is None else f" {question.z:g}"
    state = "FAIL" if found else "-" if answer.verdict == "not there yet" else "ok"
    return (f"{row.name:43} {question.asked:16} {wanted:24} {answer.short():20} {state:5}"
            f"{twin.short() if twin else '':20}").rstrip()


HEAD = f"{'suspect':43} {'question':16} {'wanted':24} {'got':20} {'':5}unmarked twin"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", help="rows with one of these words in their name")
    parser.add_argument("--fast", action="store_true", help="the subset of the test suite")
    parser.add_argument("--no-twins", action="store_true", help="marked suspects only")
    parser.add_argument("--table", type=pathlib.Path, help="also write the table to this file")
    parser.add_argument("--jobs", type=int, default=1, help="suspects at the same time")
    options = parser.parse_args()
    wanted = [row for row in rows.ROWS if not options.fast or row.name in rows.FAST]
    if options.only:
        wanted = [row for row in wanted if any(word in row.name for word in options.only)]
    model = options.model or real.prepared_model()
    if not prepare.environment():
        prepare.skip("numpy cannot be installed")
    exact = subprocess.run([str(prepare.environment()), str(MAKE.with_name("exact.py"))],
                           check=False).returncode if options.fast else 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-suspects-"))
    try:
        lab = Lab(options.program.resolve(), model.resolve(), folder)
        return run_all(lab, wanted, options) or exact
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_all(lab, wanted, options):
    if any(question.asked.startswith("fitted") for row in wanted for question in row.questions):
        lab.make("fitted_release", lab.folders["original"], lab.folders["fitted"])
    table, failed = [HEAD], 0
    if not options.fast:
        print(HEAD, flush=True)
    report = claims.Claims()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for row, answers in zip(wanted, pool.map(
                lambda row: try_row(lab, row, not options.no_twins), wanted)):
            for question, answer, found, twin in answers:
                table.append(line(row, question, answer, found, twin))
                failed += bool(found)
                if options.fast:
                    report.check(f"suspects: {row.name}, {question.asked}", found)
                else:
                    print("\n".join([table[-1], *(f"    {text}" for text in found)]), flush=True)
            if options.table:
                options.table.write_text("\n".join(table) + "\n")
    print(f"{len(table) - 1} answers, {failed} not as wanted")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
