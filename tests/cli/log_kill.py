#!/usr/bin/env python3
"""An append that is killed leaves the older log or a newer one. log_kill.py [PROGRAM]

The kill comes at a different moment each time; wherever it falls, `log verify` must accept the log,
its entries must be a beginning of what was appended, and the next append must go on from there.
"""
import fcntl
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

PROGRAM = pathlib.Path([*sys.argv, TOP / "build" / "weightmark"][1]).resolve()
LINES, BATCH, ROUNDS = 70_000, 32_768, 8


class Log:
    def __init__(self, folder):
        self.folder, self.size = folder, 0
        self.run("keygen", "log.key", "--name", "example.org/killed")
        self.vkey = json.loads(self.run("init", "log", "--log-key", "log.key", "--json"))["vkey"]
        lines = "".join(f"entry {number}\n" for number in range(LINES))
        (folder / "lines").write_text(lines, encoding="ascii")

    def run(self, *words, code=0):
        done = subprocess.run([PROGRAM, "log", *words], cwd=self.folder, capture_output=True,
                              text=True, check=False)
        if done.returncode != code:
            raise RuntimeError(f"{words}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def append(self):
        return [PROGRAM, "log", "append", "log", "--lines", "lines", "--log-key", "log.key"]

    def kill_after(self, seconds):
        """Whether the run was killed; an earlier end is as good."""
        child = subprocess.Popen(self.append(), cwd=self.folder, stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        child.kill()
        return child.wait() != 0

    def problem(self):
        """Verifies the log; what is wrong with it, or None."""
        answer = json.loads(self.run("verify", "log", "--vkey", self.vkey, "--json"))
        size, before = answer["size"], self.size
        self.size = size
        if size < before:
            return f"{size} entries after {before}"
        gained = (size - before) % LINES
        return None if gained % BATCH == 0 else f"{gained} entries of a batch"


def main():
    report = claims.Claims()
    with tempfile.TemporaryDirectory(prefix="weightmark-log-") as name:
        log = Log(pathlib.Path(name))
        problems, killed = [], 0
        for number in range(ROUNDS):
            killed += log.kill_after(0.012 * 1.6 ** number)
            problems.append(log.problem())
        log.run("append", "log", "--lines", "lines", "--log-key", "log.key")
        before = log.size
        problems.append(log.problem())
        report.check("an append that is killed leaves a log that verifies",
                     [text for text in problems if text])
        report.check("a log that was killed in between goes on", log.size == before + LINES)
        folder = os.open(log.folder / "log", os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        log.run("append", "log", "--lines", "lines", "--log-key", "log.key", code=2)
        os.close(folder)
        report.check("a log that another process is changing is left alone",
                     log.problem() is None and log.size == before + LINES)
        print(f"{killed} of {ROUNDS} runs were killed before their end")
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
