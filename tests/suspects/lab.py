"""The folders that all suspects share, and questions to the program about one of them."""
import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys
import threading

import rows

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests"), str(TOP / "tests" / "real")]
import prepare  # noqa: E402
import run as real  # noqa: E402

MAKE = pathlib.Path(__file__).with_name("make.py")
UNKNOWN_OPTION = ("was not expected", "were not expected")
HITS = (*rows.HIT, "derived")


@dataclasses.dataclass
class Answer:
    verdict: str            # or "error", or "not there yet"
    z: float = None
    claim: str = None
    notes: str = ""
    text: str = ""
    log10_p: float = None

    def short(self):
        return self.verdict if self.z is None else f"{self.verdict} {self.z:.1f}"


class Lab:
    """The folders that all suspects share; deleted by the caller. Models that an earlier run left
    there are taken as they are. `strangers`: twins are made from a random model in place of the
    original."""

    def __init__(self, program, model, folder, strangers=False):
        self.program, self.folder = program, folder
        self.shared = threading.Lock()  # folders that several suspects are made from
        self.folders = {"original": str(model), "marked": str(folder / "marked"),
                        "record": str(folder / "marked.mark"), "fitted": str(folder / "fitted")}
        shutil.copy(real.KEY, folder / "owner.key")
        (folder / "owner.key").chmod(0o600)
        self.mark(model, "marked")
        self.twin = "random" if strangers else "original"
        if strangers:
            self.folders["random"] = str(folder / "random")
            self.make_once("random_model", model, folder / "random")

    def run(self, *words):
        return subprocess.run([str(self.program), *map(str, words)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)

    def mark(self, model, name):
        if (self.folder / name).exists() and (self.folder / f"{name}.mark").exists():
            return
        done = self.run("embed", model, "--key", self.folder / "owner.key", "-o",
                        self.folder / name, "--record", self.folder / f"{name}.mark", "--shares",
                        "1", "--quiet")
        if done.returncode != 0:
            raise RuntimeError(f"embed: {done.stderr.strip()}")

    def make(self, name, model, out):
        command = [prepare.environment(), MAKE, name, model, out, "--original",
                   self.folders["original"], "--key", self.folder / "owner.key"]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr.strip().splitlines()[-1:]}")

    def make_once(self, name, model, out):
        if not pathlib.Path(out).exists():
            self.make(name, model, out)

    def renewed(self, name):
        """A folder with all FFNs made anew."""
        out = self.folder / f"{name}.renewed"
        if not out.exists():
            done = self.run("attack", "fresh-ffn", self.folders[name], "-o", out, "--quiet")
            if done.returncode != 0:
                raise RuntimeError(f"fresh-ffn: {done.stderr.strip()}")
        return out

    def base(self, row):
        """The folders that the suspect and its twin are made from."""
        with self.shared:
            return self.made_base(row)

    def made_base(self, row):
        if row.is_renewed:
            return self.renewed(row.source), self.renewed(self.twin)
        if row.base is None:
            return self.folders[row.source], self.folders[self.twin]
        plain, marked = self.folder / row.base, self.folder / f"{row.base}.marked"
        self.make_once(row.base, self.folders["original"], plain)
        self.mark(plain, marked.name)
        return marked, plain

    def ask(self, question, suspect, key=None):
        if question.asked == "compare":
            words = ["compare", suspect, self.folders["original"]]
        else:
            options = rows.OPTIONS[question.asked]
            words = ["detect", suspect, "--key", key or self.folder / "owner.key", "--shares",
                     "1", "--full", *(word.format(**self.folders) for word in options)]
        done = self.run(*words, "--json", "--quiet")
        if any(words in done.stderr for words in UNKNOWN_OPTION):
            return Answer("not there yet")
        try:
            document = json.loads(done.stdout)
        except json.JSONDecodeError:
            last = (done.stderr.strip().splitlines() or ["no output"])[0]
            return Answer("error", text=last)
        return Answer(document["verdict"], document.get("z"), document.get("claim"),
                      json.dumps(document.get("notes") or []), done.stdout + done.stderr,
                      document.get("log10_p"))


def problems(question, answer):
    """Sentences; none if the answer is the wanted one."""
    if answer.verdict == "not there yet":
        return []
    out = []
    if answer.verdict not in question.verdicts:
        out.append(f"{answer.short()}, wanted {' or '.join(question.verdicts)}"
                   + (f": {answer.text[:200]}" if answer.verdict == "error" else ""))
    elif question.z is not None and answer.z < question.z:
        out.append(f"z is {answer.z:.2f}, wanted {question.z}")
    hit = answer.verdict in rows.HIT
    if hit and question.claim and answer.claim != question.claim:
        out.append(f"the claim is {answer.claim}, wanted {question.claim}")
    if hit and question.has_note and answer.notes == "[]":
        out.append("there is no note")
    if answer.verdict == "undecided" and question.next_step not in (None, *answer.text.split()):
        if question.next_step not in answer.text:
            out.append(f"{question.next_step} is not named")
    return out
