#!/usr/bin/env python3
"""Every class of transformers that generates text is marked, detected and read as it runs.

run.py [--all] [--program PATH] [--python PATH] [WORD...]: a class or more of each rules
file; --all takes every class, WORDs those of the model types. A class passes if the mark is
detected with its key and not with another, if its model_type is known and no FFN matrix is missed,
and if forward passes agree with the reading (forward.py). Needs a Python with torch and
transformers; without one this is a skip. CONTRIBUTING.md says how to make one.
"""
import argparse
import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import python_venv  # noqa: E402
from exceptions import NO_UNITS, WRONG  # noqa: E402
from sizes import SAMPLE  # noqa: E402

SKIP = 77
KEY = TOP / "tests" / "vectors" / "key" / "plain.key"
WORKER = pathlib.Path(__file__).with_name("worker.py")
WRITTEN_FOR = "5.24"  # what other versions cannot build is skipped
Z_MIN = 8.0           # of the right key: tiny models show 8 to 45
Z_OTHER = 6.0         # of the wrong key, either sign


class Pool:
    """Runs worker.py in two processes; an answer for each line. Lives as long as one call."""

    def __init__(self, python, program, folder):
        self.command = [str(python), str(WORKER), "--program", str(program), "--work", str(folder)]
        self.tasks, self.answers, self.lock = queue.Queue(), [], threading.Lock()

    def run(self, lines):
        for line in lines:
            self.tasks.put(line)
        threads = [threading.Thread(target=self.serve) for _ in range(min(2, os.cpu_count() or 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.answers

    def serve(self):
        process = None
        while True:
            try:
                line = self.tasks.get_nowait()
            except queue.Empty:
                break
            if process is None or process.poll() is not None:
                process = subprocess.Popen(
                    self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL, text=True, env={**os.environ, "TQDM_DISABLE": "1"})
            answer = self.ask(process, line)
            with self.lock:
                self.answers.append(answer)
        if process is not None:
            process.stdin.close()
            process.wait()

    @staticmethod
    def ask(process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        for answer in process.stdout:
            if answer.startswith("{"):
                return json.loads(answer)
        words = line.split()
        return {"type": words[0], "class": words[1], "problems": [], "seconds": 0.0,
                "failed": f"the worker ended with {process.wait()}"}


def problems_of(found):
    """Why a class did not pass; none where it did."""
    out = list(found["problems"])
    if "failed" in found:
        return [found["failed"], *out]
    right, wrong = found["z"]
    out += [f"z = {right:.1f}, below {Z_MIN}"] if right < Z_MIN else []
    return out + ([f"z = {wrong:.1f} of a wrong key"] if abs(wrong) > Z_OTHER else [])


def judge(report, found, is_known_version):
    """Reports a class; returns how it counts."""
    name = f"{found['type']} ({found['class']})"
    reason, failed = NO_UNITS.get(found["type"]), found.get("failed", "")
    if failed.startswith("build: ") and (found.get("missing") or not is_known_version):
        report.skip(f"transformers: {name} can be built", " ".join(failed.split())[:200])
        return "not built"
    if reason:
        good = failed.startswith("inspect: ")
        report.check(f"transformers: {name} has no units: {reason}", good)
        return "no units" if good else "failed"
    problems = problems_of(found)
    report.check(f"transformers: {name} is marked, found and read as it runs", problems)
    return "failed" if problems else "passed" if "norms" in found else "passed, not run"


def norms_word(found):
    return {True: "checked", False: "none", None: found.get("no_forward", "")}[found.get("norms")]


def heads_word(found):
    """Of the heads of attention: how many layers, and what proves them."""
    heads = found["heads"]
    if not heads["layers"]:
        return f"heads not read: {heads['missing'][:70]}"
    skipped = f" ({heads['skipped_layers']} skipped)" if heads["skipped_layers"] else ""
    proof = "mixed" if found.get("mixed") else f"not mixed: {found.get('not_mixed', '')[:70]}"
    return f"heads in {heads['layers']} layers{skipped}, {proof}"


def count_heads(answers):
    read = [found for found in answers if found.get("heads", {}).get("layers")]
    return (f"heads are read in {len(read)} of "
            f"{sum('heads' in found for found in answers)} classes, and mixing them leaves the "
            f"logits in {sum(bool(found.get('mixed')) for found in read)}")


def print_table(answers):
    print(f"  {'model type':<28} {'class':<46} {'family':<18} {'layers':>6} {'experts':>7} "
          f"{'units':>6} {'z':>5} {'wrong':>5}  norm weights; rewrites; heads")
    for found in sorted(answers, key=lambda found: found["type"]):
        if "z" not in found:
            print(f"  {found['type']:<28} {found['class']:<46} {found.get('failed', '')[:90]}")
            continue
        print(f"  {found['type']:<28} {found['class']:<46} {found['family']:<18} "
              f"{found['layers']:>6} {found['experts']:>7} {found['units']:>6} "
              f"{found['z'][0]:>5.1f} {found['z'][1]:>5.1f}  {norms_word(found)}; "
              f"{' '.join(found.get('rewrites', []))}; {heads_word(found)}")


def wrong_rules(folder):
    """Rules files with one thing wrong, as lines for the pool, and what must be said of each."""
    lines, wanted = [], {}
    for model_type, name, family, old, new, said in WRONG:
        text = (TOP / "checkpoint" / "naming" / f"{family}.rules").read_text(encoding="utf-8")
        path = folder / f"wrong-{model_type}.rules"
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        lines.append(f"{model_type} {name} {path}")
        wanted[model_type] = (family, said)
    return lines, wanted


def check_wrong(report, answers, wanted):
    for found in answers:
        family, said = wanted[found["type"]]
        good = any(said in problem for problem in found["problems"])
        report.check(f"transformers: wrong rules of {family} for {found['type']} are noticed",
                     [] if good else [f"expected '{said}'", *problems_of(found)])


def installed(python):
    """transformers' version, and every class as (model_type, class)."""
    code = "import transformers; print(transformers.__version__)"
    version = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    listed = subprocess.run([str(python), str(WORKER), "--list"], capture_output=True, text=True,
                            check=True)
    return version.stdout.split()[-1], [tuple(line.split()[1:])
                                        for line in listed.stdout.splitlines()]


def chosen(options, every, report):
    """The classes of this run."""
    if options.all:
        return every
    wanted = options.words or SAMPLE
    for model_type in set(wanted) - {each[0] for each in every}:
        report.skip(f"transformers: {model_type}", "not a class of the installed version")
    seen, out = set(), []
    for each in every:  # of a type with several classes, the first one
        if each[0] in wanted and each[0] not in seen:
            seen.add(each[0])
            out.append(each)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--python", type=pathlib.Path, help="a Python with transformers")
    parser.add_argument("--all", action="store_true", help="every class of transformers")
    parser.add_argument("words", nargs="*", help="model types")
    options = parser.parse_args()
    report = claims.Claims()
    python = options.python or python_venv.existing(
        ["torch", "transformers", "safetensors"], "transformers")
    if python is None:
        report.skip("transformers: every class is marked and found",
                    "torch and transformers are not installed (CONTRIBUTING.md)")
        sys.exit(SKIP)
    version, every = installed(python)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-families-"))
    try:
        shutil.copy(KEY, folder / "owner.key")
        (folder / "owner.key").chmod(0o600)
        program = options.program.resolve()
        subprocess.run([str(program), "keygen", str(folder / "other.key")], check=True,
                       capture_output=True)
        lines = [" ".join(each) for each in chosen(options, every, report)]
        answers = Pool(python, program, folder).run(lines)
        print_table(answers)
        counts = {}
        for found in sorted(answers, key=lambda found: found["type"]):
            word = judge(report, found, version.startswith(WRITTEN_FOR))
            counts[word] = counts.get(word, 0) + 1
        if not options.words:
            lines, wanted = wrong_rules(folder)
            check_wrong(report, Pool(python, program, folder).run(lines), wanted)
        print(f"  {count_heads(answers)}")
        print(f"  transformers {version}: {len(answers)} classes, "
              f"{', '.join(f'{number} {word}' for word, number in sorted(counts.items()))}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
