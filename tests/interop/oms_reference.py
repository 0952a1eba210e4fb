#!/usr/bin/env python3
"""Runs the reference signer's command line many times in one process: its imports take a second.

Called only by tests/interop/oms_interop.py, which writes a JSON list of arguments per line and
reads a JSON list per line: [succeeded, output].
"""
import contextlib
import io
import json
import sys


def run(command_line, arguments):
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            command_line(args=arguments, prog_name="model_signing", standalone_mode=True)
        code = 0
    except SystemExit as end:
        code = end.code
    return [code in (0, None), output.getvalue()]


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
