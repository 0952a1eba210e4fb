#!/usr/bin/env python3
"""Suspects that somebody wrote to be misread, and what the program says of them.

run.py [--program PATH] [--model DIR] [--only WORD...] [--fast] [--no-twins] [--strangers]
[--table FILE] [--before TABLE] [--jobs N] [--keep DIR]. Marks the real model, makes each suspect of
rows.py from the marked copy and from the original, and asks the questions of its row. --strangers:
from a random model of the same shapes in place of the original. --fast: the subset of the test
suite, after exact.py. --keep: marked models stay in DIR, and the next run takes them as they are.
--table: writes the table of specs/suspects.md as well. Its column "before" is that of the page or,
with --before, what a run with an earlier program wrote.
Exit code 1 if an answer is not the one that is wanted, 77 without a model.
"""
import argparse
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys
import tempfile

import lab as shared
import rows

import claims  # found by lab.py
import prepare

PAGE = shared.TOP / "specs" / "suspects.md"
PAGE_HEAD = ["| suspect | question | before | now | unmarked |", "|---|---|---|---|---|"]


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
            found = shared.problems(question, answer)
            if other and other.verdict in shared.HITS:
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


def earlier(table=None):
    """{(suspect, question): answer}: what stands in the column "before" of the page or, with a
    table of an earlier program, what stands there in the column "now"."""
    out, column = {}, 2 if table is None else 3
    for text in (table or PAGE).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in text.strip("|").split("|")]
        if text.startswith("|") and len(cells) == 5:
            out[tuple(cells[:2])] = cells[column]
    return out


def page_line(before, row, question, answer, twin):
    cells = [row.name, question.asked, before.get((row.name, question.asked), ""), answer.short(),
             twin.short() if twin else ""]
    return "".join(f"| {cell} " for cell in cells) + "|"


HEAD = f"{'suspect':43} {'question':16} {'wanted':24} {'got':20} {'':5}unmarked twin"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=shared.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", help="rows with one of these words in their name")
    parser.add_argument("--fast", action="store_true", help="the subset of the test suite")
    parser.add_argument("--no-twins", action="store_true", help="marked suspects only")
    parser.add_argument("--table", type=pathlib.Path,
                        help="also write the table of specs/suspects.md to this file")
    parser.add_argument("--before", type=pathlib.Path, metavar="TABLE",
                        help="the table of an earlier program")
    parser.add_argument("--jobs", type=int, default=1, help="suspects at the same time")
    parser.add_argument("--strangers", action="store_true",
                        help="twins are made from a random model of the same shapes")
    parser.add_argument("--keep", type=pathlib.Path, help="marked models stay in this folder")
    options = parser.parse_args()
    wanted = [row for row in rows.ROWS if not options.fast or row.name in rows.FAST]
    if options.only:
        wanted = [row for row in wanted if any(word in row.name for word in options.only)]
    model = options.model or shared.real.prepared_model()
    if not prepare.environment():
        prepare.skip("numpy cannot be installed")
    exact = subprocess.run([str(prepare.environment()), str(shared.MAKE.with_name("exact.py"))],
                           check=False).returncode if options.fast else 0
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="weightmark-suspects-"))
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        lab = shared.Lab(options.program.resolve(), model.resolve(), folder, options.strangers)
        return run_all(lab, wanted, options) or exact
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def run_all(lab, wanted, options):
    if any(question.asked.startswith("fitted") for row in wanted for question in row.questions):
        lab.make_once("fitted_release", lab.folders["original"], lab.folders["fitted"])
    table, failed, before = list(PAGE_HEAD), 0, earlier(options.before)
    if not options.fast:
        print(HEAD, flush=True)
    report = claims.Claims()

    def answers_of(row):
        is_wanted = not options.fast or row.name in rows.FAST_TWINS
        return try_row(lab, row, is_wanted and not options.no_twins)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for row, answers in zip(wanted, pool.map(answers_of, wanted)):
            for question, answer, found, twin in answers:
                table.append(page_line(before, row, question, answer, twin))
                failed += bool(found)
                if options.fast:
                    report.check(f"suspects: {row.name}, {question.asked}", found)
                else:
                    shown = line(row, question, answer, found, twin)
                    print("\n".join([shown, *(f"    {text}" for text in found)]), flush=True)
            if options.table:
                options.table.write_text("\n".join(table) + "\n")
    print(f"{len(table) - len(PAGE_HEAD)} answers, {failed} not as wanted")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
