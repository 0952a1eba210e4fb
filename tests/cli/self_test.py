#!/usr/bin/env python3
"""Tests the transcript runner, on shell commands and on transcripts that must fail."""
import pathlib
import sys
import tempfile

import run_transcripts
import transcript
from run_transcripts import claims

GOOD = r"""# All features of the format.
$ echo one; echo two >&2; exit 3
one
! two
? 3

# Patterns.
$ echo z = -33.8e2, p '<' 10^-246 in 1.9 s; echo warning: disk slow >&2
z = [number], p < 10^-[number] in [number] s
! warning: [any]
$ seq 5
1
[lines]
5
$ printf 'a\n\nb\n'
a
\
b
$ echo '$ money'; echo '[number]x'
\$ money
[any]
$ pwd; touch left-behind; ls
[here]
left-behind
$ cat <<EOF
> two lines
> EOF
two lines
"""
BAD = {
    "other text": "$ echo two\none\n",
    "a surplus line": "$ seq 3\n1\n2\n",
    "a missing line": "$ seq 2\n1\n2\n3\n",
    "another exit code": "$ exit 1\n? 2\n",
    "stderr where none was expected": "$ echo x >&2\n",
    "text where a number was expected": "$ echo ten\n[number]\n",
    "an empty line that was not expected": "$ printf 'a\\n\\nb\\n'\na\nb\n",
    "lines that must follow other lines": "$ seq 3\n3\n[lines]\n",
    "output before a command": "one\n$ echo one\n",
    "a file without a command": "# nothing\n",
}


def updated(path, text):
    path.write_text(text, encoding="utf-8")
    run_transcripts.run_file(path, None, True)
    return path.read_text(encoding="utf-8")


def main():
    report = claims.Claims()
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder  # where the runner creates its folders
        path = pathlib.Path(folder) / "case.txt"
        path.write_text(GOOD, encoding="utf-8")
        report.check("a transcript that matches passes",
                     run_transcripts.run_file(path, None, False))
        report.check("parsing and rendering a transcript gives the same text",
                     transcript.render(*transcript.parse(GOOD)) == GOOD)
        for name, text in BAD.items():
            path.write_text(text, encoding="utf-8")
            report.check(f"a transcript with {name} fails",
                         bool(run_transcripts.run_file(path, None, False)))
        report.check("an update does not change a transcript that matches",
                     updated(path, GOOD) == GOOD)
        report.check("an update keeps patterns that match and replaces the rest",
                     updated(path, "$ echo 1; echo b; exit 4\n[number]\na\n")
                     == "$ echo 1; echo b; exit 4\n[number]\nb\n? 4\n")
        report.check("the folder of a transcript is removed",
                     [str(found) for found in pathlib.Path(folder).glob("weightmark-cli-*")])
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
