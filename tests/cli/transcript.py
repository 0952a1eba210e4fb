"""Transcripts: parsing, matching, rewriting. README.md in this folder defines the format.

A transcript is a list of Steps, each a command with its expected output. run_transcripts.py runs
them. Not thread-safe.
"""
import dataclasses
import re

PATTERNS = {
    "[number]": r"-?(?:\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?|inf|nan)",
    "[word]": r"\S+",
    "[any]": r".*",
}
LINES = "[lines]"  # on its own line: any number of lines, including none
SPLIT = re.compile(r"(\[number\]|\[word\]|\[any\])")
MARKS = ("$ ", "> ", "? ", "! ", "#", "\\")  # lines of output that begin so are escaped


@dataclasses.dataclass
class Step:
    comment: list  # lines above the command, unchanged
    command: list  # lines of the command, without '$ ' and '> '
    stdout: list   # expected lines, patterns in place
    stderr: list
    exit_code: int = 0


def escape(line):
    return "\\" + line if line.startswith(MARKS) else line


def unescape(line):
    return line[1:] if line.startswith("\\") else line


PROSE = "#md "  # a line of a Markdown page outside its ```console blocks


def from_markdown(page):
    """A page whose ```console blocks are one session, as a transcript: prose becomes comments."""
    lines, inside = [], False
    for line in page.splitlines():
        is_fence = line == ("```" if inside else "```console")
        lines.append(line if inside and not is_fence else PROSE + line)
        inside ^= is_fence
    return "\n".join(lines) + "\n"


def to_markdown(text):
    """The reverse of from_markdown()."""
    return "".join(line.removeprefix(PROSE) + "\n" for line in text.splitlines())


def parse(text):
    """-> (steps, comment lines after the last step)."""
    steps, comment = [], []
    for line in text.splitlines():
        if line.startswith("$ "):
            steps.append(Step(comment, [line[2:]], [], []))
            comment = []
        elif line.startswith("#") or (line == "" and (comment or not steps)):
            comment.append(line)
        elif not steps:
            raise ValueError(f"'{line}' is before the first command")
        elif line == "":  # ends the output; an empty line of output is written as a backslash
            comment.append(line)
        elif comment:
            raise ValueError(f"'{line}' follows an empty line or a comment")
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
    """Whether the lines `actual` match `expected`, where '[lines]' matches any number of lines."""
    reached = {0}  # possible numbers of actual lines matched so far
    for line in expected:
        if line == LINES:
            reached = set(range(min(reached, default=len(actual) + 1), len(actual) + 1))
        else:
            reached = {n + 1 for n in reached if n < len(actual) and matches_line(line, actual[n])}
    return len(actual) in reached


def rewritten(expected, actual):
    """`actual`, keeping the patterns of the expected lines that still match."""
    if matches(expected, actual):
        return expected
    out, position = [], 0
    for line in actual:
        fit = next((i for i in range(position, len(expected))
                    if expected[i] != LINES and matches_line(expected[i], line)), None)
        out.append(line if fit is None else expected[fit])
        position = position if fit is None else fit + 1
    return out
