#!/usr/bin/env python3
"""Runs the transcripts of the command line: run_transcripts.py --program PATH [--update] [FILE...].

Each file, and each page of docs/ (its ```console blocks), is one test and runs in its own empty
folder, with `weightmark` and `make-model` on the PATH. --update writes the actual output into the
files, to be reviewed as a diff.
"""
import argparse
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import transcript

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

SECONDS_MAX = 300


class Sandbox:
    """The folder in which one transcript runs. Removed at the end of its `with` block."""

    def __init__(self, program):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-cli-")).resolve()
        self.home = self.root / "here"
        tools = self.root / "bin"
        self.home.mkdir()
        tools.mkdir()
        if program:
            (tools / "weightmark").symlink_to(pathlib.Path(program).resolve())
        (tools / "make-model").symlink_to(TOP / "tests" / "make_model.py")
        keep = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
        self.environment = {**keep, "PATH": f"{tools}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
                            "HOME": str(self.home), "TMPDIR": str(self.root), "COLUMNS": "100",
                            "SOURCE": str(TOP), "PYTHONDONTWRITEBYTECODE": "1"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A transcript may have removed permissions.
        subprocess.run(["chmod", "-R", "u+rwX", str(self.root)], check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    def run(self, command):
        """-> (lines of stdout, lines of stderr, exit code)."""
        try:
            done = subprocess.run(["bash", "-c", "umask 022\n" + command], cwd=self.home,
                                  env=self.environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=SECONDS_MAX,
                                  start_new_session=True)  # without a terminal
        except subprocess.TimeoutExpired:
            return [], [f"timeout after {SECONDS_MAX} s"], -1
        return self._lines(done.stdout), self._lines(done.stderr), done.returncode

    def _lines(self, output):
        text = output.decode(errors="backslashreplace").replace(str(self.home), "[here]")
        return text.splitlines()


def difference(step, actual):
    """Differences between expected and actual output of a step, as lines to print."""
    problems = []
    for stream, expected, said in (("stdout", step.stdout, actual[0]),
                                   ("stderr", step.stderr, actual[1])):
        if not transcript.matches(expected, said):
            problems += difflib.unified_diff(expected, said, f"{stream} expected", stream,
                                             lineterm="")
    if step.exit_code != actual[2]:
        problems.append(f"exit code {actual[2]}, expected {step.exit_code}")
    return problems and [f"$ {line}" for line in step.command] + problems


def run_file(path, program, update):
    """Runs one transcript; returns the differences, as lines to print."""
    text = path.read_text(encoding="utf-8")
    is_page = path.suffix == ".md"
    if is_page:
        text = transcript.from_markdown(text)
    try:
        steps, tail = transcript.parse(text)
    except ValueError as error:
        return [str(error)]
    if not steps:
        return ["there is no command in the file"]
    problems = []
    with Sandbox(program) as sandbox:
        for step in steps:
            actual = sandbox.run("\n".join(step.command))
            problems += difference(step, actual)
            if update:
                step.stdout = transcript.rewritten(step.stdout, actual[0])
                step.stderr = transcript.rewritten(step.stderr, actual[1])
                step.exit_code = actual[2]
    if update and problems:
        text = transcript.render(steps, tail)
        path.write_text(transcript.to_markdown(text) if is_page else text, encoding="utf-8")
        return []
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", help="the weightmark program to put on the PATH")
    parser.add_argument("--update", action="store_true",
                        help="write the actual output into the files")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    if options.program and not pathlib.Path(options.program).exists():
        sys.exit(f"run_transcripts: {options.program}: no such program")
    folder = pathlib.Path(__file__).resolve().parent
    report = claims.Claims()
    pages = [page for page in (TOP / "docs").glob("*.md")
             if "```console" in page.read_text(encoding="utf-8")]
    for path in options.files or sorted([*folder.glob("*.txt"), *pages]):
        report.check(f"transcript {path.stem}", run_file(path, options.program, options.update))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
