#!/usr/bin/env python3
"""A marking that is killed goes on with --resume, and ends with the bytes of one that was not.
embed_kill.py [PROGRAM]

The kill comes at a different moment each time; threads differ from run to run: bytes must not.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

PROGRAM = pathlib.Path([*sys.argv, TOP / "build" / "weightmark"][1]).resolve()
FILES, ROUNDS = 6, 8
# So large a vocabulary that the output head, which is the embedding, is marked as well.
MODEL = ("--files", str(FILES), "--layers", "8", "--ffn", "2048", "--vocabulary", "8192")


class Marking:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / "model", *MODEL],
                       check=True, stdout=subprocess.DEVNULL)
        for key in ("owner.key", "other.key"):
            self.run("keygen", key)

    def run(self, *words):
        return subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, text=True,
                              check=False)

    def words(self, out, *more, key="owner.key", strength="0.01", resume=True):
        return ["embed", "model", "--key", key, "--strength", strength, "-o", out, *more,
                *(["--resume"] if resume else [])]

    def mark(self, *words, **options):
        return self.run(*self.words(*words, **options))

    def kill_when(self, out, is_time):
        """Whether the run was killed; an earlier end is as good."""
        child = subprocess.Popen([PROGRAM, *self.words(out, "--threads", "1")], cwd=self.folder,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while child.poll() is None and not is_time():
            time.sleep(.001)
        child.kill()
        return child.wait() != 0

    def has_journal(self, out, shards=1):
        journal = self.folder / f"{out}.partial.journal"
        try:
            return journal.read_text(encoding="ascii").count('"tree"') >= shards
        except OSError:
            return False

    def bytes_of(self, out):
        return {path.name: path.read_bytes() for path in (self.folder / out).iterdir()}

    def left(self, out):
        return sorted(path.name for path in self.folder.glob(f"{out}.*"))


def killed_often(marking, seconds):
    """A run that is killed again and again, a little later each time. How often it was killed."""
    killed = 0
    for number in range(ROUNDS):
        end = time.monotonic() + seconds * (.2 + number / ROUNDS)
        killed += marking.kill_when("killed", lambda: time.monotonic() > end)
        if (marking.folder / "killed").exists():
            break
    return killed


def check_refusals(report, marking):
    """What is unfinished stays, whatever is refused."""
    partial = marking.folder / "half.partial"
    if not marking.kill_when("half", lambda: marking.has_journal("half", 2)):
        report.check("a run is caught between two shards", False)
        return
    before = marking.bytes_of("half.partial")
    for what, done, says in (
            ("another key", marking.mark("half", key="other.key"), "another key"),
            ("another strength", marking.mark("half", strength="0.02"), "other options"),
            ("no --resume", marking.run(*marking.words("half", resume=False)), "interrupted run")):
        report.check(f"{what} is refused", done.returncode == 2 and says in done.stderr)
    report.check("a refusal leaves what is finished", marking.bytes_of("half.partial") == before)
    source = marking.folder / "model" / f"model-0000{FILES}-of-0000{FILES}.safetensors"
    content = source.read_bytes()
    source.write_bytes(content)
    done = marking.mark("half")
    report.check("a source that was written since is refused",
                 done.returncode == 2 and "has changed" in done.stderr)
    done = marking.mark("half", "--force")
    report.check("--force does not turn a refusal into another result", done.returncode == 2)
    done = marking.run(*marking.words("half", "--force", resume=False))
    report.check("--force without --resume begins anew", done.returncode == 0
                 and marking.bytes_of("half") == marking.bytes_of("whole")
                 and not partial.exists() and marking.left("half") == ["half.mark"])


def check_changed_shard(report, marking):
    """A finished shard that was changed is written again, and one that is a link is replaced."""
    if not marking.kill_when("changed", lambda: marking.has_journal("changed", 3)):
        report.check("a run is caught between two shards", False)
        return
    shards = sorted((marking.folder / "changed.partial").glob("*.safetensors"))
    with shards[0].open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    aside = marking.folder / "aside"
    shards[1].rename(aside)
    shards[1].symlink_to(aside)
    (marking.folder / "changed.partial" / "stranger.bin").write_bytes(b"unmarked")
    done = marking.mark("changed")
    report.check("a changed shard is written again, and named", done.returncode == 0
                 and done.stderr.count("written again") == 2 and shards[0].name in done.stderr)
    report.check("then the bytes are those of a whole run, and nothing else is there",
                 marking.bytes_of("changed") == marking.bytes_of("whole")
                 and not (marking.folder / "changed" / shards[1].name).is_symlink())


def main():
    report = claims.Claims()
    with tempfile.TemporaryDirectory(prefix="weightmark-embed-") as name:
        marking = Marking(pathlib.Path(name))
        begun = time.monotonic()
        done = marking.mark("whole", "--threads", "1")
        whole = time.monotonic() - begun
        report.check("all three sites are marked", "heads: expected z" in done.stdout
                     and "output: expected z" in done.stdout)
        report.check("a whole run leaves no journal",
                     done.returncode == 0 and marking.left("whole") == ["whole.mark"])
        killed = killed_often(marking, whole)
        if not (marking.folder / "killed").exists():
            done = marking.mark("killed", "--threads", "2")
            report.check("the last run ends", done.returncode == 0)
        report.check("a run that was killed ends with the same bytes",
                     marking.bytes_of("killed") == marking.bytes_of("whole"))
        records = [(marking.folder / f"{out}.mark").read_bytes() for out in ("killed", "whole")]
        report.check("and with the same record", records[0] == records[1])
        report.check("and leaves no journal", marking.left("killed") == ["killed.mark"])
        report.check("some runs were killed", killed > 0)
        check_changed_shard(report, marking)
        check_refusals(report, marking)
        print(f"{killed} of {ROUNDS} runs were killed before their end")
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
