#!/usr/bin/env python3
"""The reference signer's command line, many times in one process: its imports take a second.

Not called by hand: tests/interop/oms_interop.py writes one JSON list of words a line, and reads one
line of JSON for each, [succeeded, what it said].
"""
import contextlib
import io
import json
import sys


def run(command_line, words):
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            command_line(args=words, prog_name="model_signing", standalone_mode=True)
        code = 0
    except SystemExit as end:
        code = end.code
    return [code in (0, None), said.getvalue()]


def main():
    try:
        from model_signing._cli import main as command_line
    except ImportError as error:
        print(f"skip - interop: the reference signer cannot be loaded: {error}")
        return 77
    for line in sys.stdin:
        print(json.dumps(run(command_line, json.loads(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
