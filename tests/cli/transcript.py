"""Transcripts: reading, matching, rewriting. The format is told in README.md beside this file.

A Transcript is a list of Steps, each a command with the lines it is expected to say. Nothing here
runs anything; run_transcripts.py does. Not for threads.
"""
import dataclasses
import re

PATTERNS = {
    "[number]": r"-?(?:\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?|inf|nan)",
    "[word]": r"\S+",
    "[any]": r".*",
}
LINES = "[lines]"  # on a line of its own: any lines, also none
SPLIT = re.compile(r"(\[number\]|\[word\]|\[any\])")
MARKS = ("$ ", "> ", "? ", "! ", "#", "\\")  # what a line of output must hide behind a backslash


@dataclasses.dataclass
class Step:
    comment: list  # lines above the command, as they stand
    command: list  # lines of the command, without '$ ' and '> '
    stdout: list   # expected lines, patterns in place
    stderr: list
    exit_code: int = 0


def escape(line):
    return "\\" + line if line.startswith(MARKS) else line


def unescape(line):
    return line[1:] if line.startswith("\\") else line


def parse(text):
    """-> (steps, lines after the last step that are comment)."""
    steps, comment = [], []
    for line in text.splitlines():
        if line.startswith("$ "):
            steps.append(Step(comment, [line[2:]], [], []))
            comment = []
        elif line.startswith("#") or (line == "" and (comment or not steps)):
            comment.append(line)
        elif not steps:
            raise ValueError(f"'{line}' stands before the first command")
        elif line == "":  # an empty line ends the output; one inside it is written as a backslash
            comment.append(line)
        elif comment:
            raise ValueError(f"'{line}' stands behind an empty line or a comment")
        elif line.startswith("> ") and not (steps[-1].stdout or steps[-1].stderr):
            steps[-1].command.append(line[2:])
        elif line.startswith("? "):
            steps[-1].exit_code = int(line[2:])
        elif line.startswith("! "):
            steps[-1].stderr.append(line[2:])
        else:
            steps[-1].stdout.append(line if line == "\\" else unescape(line))
    for step in steps:
        step.stdout = ["" if line == "\\" else line for line in step.stdout]
        step.stderr = ["" if line == "\\" else line for line in step.stderr]
    return steps, comment


def render(steps, tail):
    """The reverse of parse()."""
    lines = []
    for step in steps:
        lines += step.comment
        lines += [("> " if i else "$ ") + part for i, part in enumerate(step.command)]
        lines += [escape(line) or "\\" for line in step.stdout]
        lines += ["! " + (line or "\\") for line in step.stderr]
        if step.exit_code:
            lines.append(f"? {step.exit_code}")
    return "\n".join(lines + tail) + "\n"


def matches_line(expected, actual):
    parts = [PATTERNS.get(part, re.escape(part)) for part in SPLIT.split(expected)]
    return re.fullmatch("".join(parts), actual) is not None


def matches(expected, actual):
    """Do the lines `actual` fit `expected`, '[lines]' standing for any number of them?"""
    reached = {0}  # how many actual lines may be used up so far
    for line in expected:
        if line == LINES:
            reached = set(range(min(reached, default=len(actual) + 1), len(actual) + 1))
        else:
            reached = {n + 1 for n in reached if n < len(actual) and matches_line(line, actual[n])}
    return len(actual) in reached


def rewritten(expected, actual):
    """`actual`, keeping the patterns of those expected lines that still fit."""
    if matches(expected, actual):
        return expected
    out, position = [], 0
    for line in actual:
        fit = next((i for i in range(position, len(expected))
                    if expected[i] != LINES and matches_line(expected[i], line)), None)
        out.append(line if fit is None else expected[fit])
        position = position if fit is None else fit + 1
    return out
