#!/usr/bin/env python3
"""A scan that is killed goes on, and ends with the answers of one that was not. scan_kill.py
[PROGRAM]

The kill comes at a different moment each time. Jobs and threads differ from run to run: answers
must not.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

PROGRAM = pathlib.Path([*sys.argv, TOP / "build" / "weightmark"][1]).resolve()
SUSPECTS, ROUNDS = 8, 6


class Scan:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / "model"],
                       check=True, stdout=subprocess.DEVNULL)
        self.run("keygen", "owner.key")
        self.run("embed", "model", "--key", "owner.key", "--strength", "0.03", "--shares", "1",
                 "-o", "marked", "--quiet")
        names = [f"suspect-{number}" for number in range(SUSPECTS)]
        for number, name in enumerate(names):
            shutil.copytree(folder / ("marked" if number % 2 else "model"), folder / name)
        (folder / "list").write_text("\n".join(names), encoding="ascii")

    def run(self, *words):
        subprocess.run([PROGRAM, *words], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def words(self, out, *more):
        return ["scan", "list", "--key", "owner.key", "--readings", "declared", "--quiet",
                "-o", out, *more]

    def kill_after(self, seconds):
        """Whether the run was killed; an earlier end is as good."""
        child = subprocess.Popen([PROGRAM, *self.words("killed.jsonl")], cwd=self.folder,
                                 stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        child.kill()
        return child.wait() != 0

    def answers(self, out):
        lines = (self.folder / out).read_text(encoding="utf-8").splitlines()
        found = {}
        for line in map(json.loads, lines[1:]):
            for answer in line["answers"]:
                answer.pop("seconds")
            assert line["suspect"] not in found, "scanned twice"
            found[line["suspect"]] = line["answers"]
        return lines[0], found


def main():
    report = claims.Claims()
    with tempfile.TemporaryDirectory(prefix="weightmark-scan-") as name:
        scan = Scan(pathlib.Path(name))
        begun = time.monotonic()
        scan.run(*scan.words("whole.jsonl", "--jobs", "1", "--threads", "1"))
        whole = time.monotonic() - begun
        killed = sum(scan.kill_after(whole / SUSPECTS * (.3 + .3 * number))
                     for number in range(ROUNDS))
        scan.run(*scan.words("killed.jsonl"))
        expected = scan.answers("whole.jsonl")
        report.check("a scan that was killed ends with the same answers",
                     scan.answers("killed.jsonl") == expected)
        report.check("every suspect has its own answer", sorted(
            answers[0]["verdict"] for answers in expected[1].values())
            == ["conclusive"] * (SUSPECTS // 2) + ["undecided"] * (SUSPECTS // 2))
        print(f"{killed} of {ROUNDS} runs were killed before their end")
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
