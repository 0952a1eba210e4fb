#!/usr/bin/env python3
"""What several processes of mpirun do together is what one process does, to the byte.

test_mpi.py [PLAIN [PROGRAM]]: build/weightmark and build/tests/weightmark_mpi, which is the same
program as -DWEIGHTMARK_MPI=ON builds it. Skipped without Open MPI.
"""
import base64
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

PLAIN, PROGRAM = [pathlib.Path(path).resolve() for path in
                  [*sys.argv[1:], TOP / "build/weightmark",
                   TOP / "build/tests/weightmark_mpi"][:2]]
COUNTS = (1, 2, 4)
ONE_THREAD = ("--threads", "1")
MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-q"]
FILES = 6
# So large a vocabulary that the output head, which is the embedding, is marked as well.
MODEL = ("--files", str(FILES), "--layers", "8", "--ffn", "1536", "--vocabulary", "8192")


class Lab:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / "model", *MODEL],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / "other", *MODEL,
                        "--seed", "2"], check=True, stdout=subprocess.DEVNULL)
        self.plain("attack", "rotate", "model", "-o", "turned")
        for name in ("owner.key", "other.key"):
            self.plain("keygen", name)
        openssl = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out"]
        subprocess.run([*openssl, folder / "sign.pem"], check=True, capture_output=True)
        public = ["openssl", "ec", "-in", folder / "sign.pem", "-pubout", "-out"]
        subprocess.run([*public, folder / "public.pem"], check=True, capture_output=True)
        (folder / "ids").write_text("anna\nbert\ncleo\n")

    def command(self, processes, *words):
        return [*MPIRUN, "-n", str(processes), str(PROGRAM), *map(str, words)]

    def run(self, command):
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True,
                              check=False, timeout=300)

    def plain(self, *words):
        return self.run([str(PLAIN), *map(str, words)])

    def together(self, processes, *words):
        return self.run(self.command(processes, *words))

    def apart(self, *commands):
        """One process for each of these commands."""
        each = [["-n", "1", str(PROGRAM), *map(str, words)] for words in commands]
        return self.run([*MPIRUN, *each[0], *[word for more in each[1:] for word in (":", *more)]])

    def bytes_of(self, out):
        files = {path.name: path.read_bytes() for path in (self.folder / out).iterdir()}
        return {**files, "record": (self.folder / f"{out}.mark").read_bytes()}

    def left(self, out):
        return sorted(path.name for path in self.folder.glob(f"{out}*"))


def comparable(value):
    """JSON without times and the digest of the program: two builds are not the same file."""
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items()
                if name not in ("seconds", "program")}
    return value


def answer(done):
    """The JSON of an answer; the text, if there is none."""
    try:
        return comparable(json.loads(done.stdout))
    except ValueError:
        return f"exit {done.returncode}: {done.stdout} {done.stderr}"


def differences(one, other):
    if not isinstance(one, dict) or not isinstance(other, dict):
        return [] if one == other else [str(other)]
    return [f"{name}: {str(other.get(name))[:200]} instead of {str(one.get(name))[:200]}"
            for name in {*one, *other} if one.get(name) != other.get(name)]


def check_embed(report, lab):
    for words in ((), ("--licensee", "bert")):
        out = "licensed" if words else "whole"
        mark = ("embed", "model", "--key", "owner.key", "-o")
        done = lab.plain(*mark, out, *words)
        report.check(f"{out}: one process marks", done.returncode == 0)
        for count in COUNTS:
            made = f"{out}{count}"
            done = lab.together(count, *mark, made, *words, *ONE_THREAD)
            same = done.returncode == 0 and lab.bytes_of(made) == lab.bytes_of(out)
            report.check(f"{out}: {count} processes write the same bytes, and nothing else",
                         [] if same and lab.left(made) == [made, f"{made}.mark"]
                         else [done.stderr, *lab.left(made)])
            shutil.rmtree(lab.folder / made, ignore_errors=True)


def check_reading(report, lab):
    owner = ("--key", "owner.key", "--json")
    asked = {"detect": ("detect", "whole", *owner),
             "detect --full": ("detect", "whole", *owner, "--full", "--by-layer"),
             "detect with a record": ("detect", "whole", *owner, "--record", "whole.mark"),
             "detect, another key": ("detect", "whole", "--key", "other.key", "--json"),
             "trace": ("trace", "licensed", *owner, "--licensees", "ids"),
             "trace, unmarked": ("trace", "model", *owner, "--licensees", "ids"),
             "compare": ("compare", "whole", "model", "--json", "--by-expert"),
             "compare, rotated": ("compare", "turned", "model", "--json"),
             "compare, unrelated": ("compare", "other", "model", "--json", "--seed", "3")}
    for name, words in asked.items():
        one = lab.plain(*words, *ONE_THREAD)
        # All readings of a model without the mark take their time.
        for count in (3,) if "another" in name else COUNTS[1:]:
            done = lab.together(count, *words, *ONE_THREAD)
            found = differences(answer(one), answer(done))
            if done.returncode != one.returncode:
                found.append(f"exit {done.returncode}: {done.stderr}")
            report.check(f"{name}: {count} processes give the answer of one (exit "
                         f"{one.returncode})", found)


def payload(path):
    return base64.b64decode(json.loads(path.read_text())["dsseEnvelope"]["payload"])


def check_sign(report, lab):
    def sign(run, name):
        return run("sign", "whole", "--private-key", "sign.pem", "--signature", f"{name}.sig",
                   "--statement", f"{name}.sigstore.jsonl")
    sign(lab.plain, "one")
    for count in COUNTS:
        name = f"by{count}"
        done = sign(lambda *words: lab.together(count, *words), name)
        same = done.returncode == 0 and all(
            payload(lab.folder / f"{name}{end}") == payload(lab.folder / f"one{end}")
            for end in (".sig", ".sigstore.jsonl"))
        report.check(f"sign: {count} processes sign the same statements",
                     [] if same else [done.stderr])
    done = lab.plain("verify", "whole", "--signature", "by4.sig", "--public-key", "public.pem",
                     "--statement", "by4.sigstore.jsonl")
    report.check("sign: what four processes signed is verified by one",
                 [] if done.returncode == 0 else [done.stdout + done.stderr])


def check_error(report, what, done, says):
    fine = (done.returncode == 2 and not done.stdout and says in done.stderr
            and done.stderr.count("weightmark: error") == 1)
    report.check(f"{what}: one message, exit 2", [] if fine else
                 [f"exit {done.returncode}", done.stdout, done.stderr])


def check_failures(report, lab):
    detect = ("detect", "whole", "--key", "owner.key")
    check_error(report, "a process with another key",
                lab.apart(detect, ("detect", "whole", "--key", "other.key")), "another key")
    check_error(report, "a process with another model",
                lab.apart(detect, ("detect", "model", "--key", "owner.key")), "another model")
    check_error(report, "a process with another question",
                lab.apart(detect, (*detect, "--sites", "ffn")), "another question")
    check_error(report, "a process without the model",
                lab.apart(detect, detect, ("detect", "nowhere", "--key", "owner.key")), "nowhere")
    check_error(report, "the first process without the model",
                lab.apart(("detect", "nowhere", "--key", "owner.key"), detect), "nowhere")
    check_error(report, "no model at all", lab.together(4, "detect", "nowhere", "--key",
                                                        "owner.key"), "nowhere")
    check_error(report, "--part", lab.together(2, *detect, "--part", "1/2", "-o", "a.part"),
                "--part")
    compare = ("compare", "whole", "model")
    check_error(report, "compare, a process with another seed",
                lab.apart(compare, (*compare, "--seed", "2")), "another seed")
    check_error(report, "compare, a process with another suspect",
                lab.apart(compare, ("compare", "other", "model")), "another suspect")
    check_error(report, "compare, a process without the reference",
                lab.apart(compare, ("compare", "whole", "nowhere")), "nowhere")
    embed = ("embed", "model", "--key", "owner.key", "-o", "failed")
    check_error(report, "embed, a process with another strength",
                lab.apart(embed, (*embed, "--strength", "0.02")), "other options")
    check_error(report, "embed, a process without the model",
                lab.apart(embed, ("embed", "nowhere", *embed[2:])), "nowhere")
    check_error(report, "embed --resume", lab.together(2, *embed, "--resume"), "--resume")
    report.check("a failure leaves nothing", lab.left("failed") == [])
    done = lab.together(3, "inspect", "model", "--json")
    report.check("a command for one process answers once", answer(done)
                 == answer(lab.plain("inspect", "model", "--json")))

    (lab.folder / "list").write_text("whole\n")
    for run, out in ((lab.plain, "one.jsonl"), (lambda *words: lab.together(2, *words),
                                                "two.jsonl")):
        run("scan", "list", "--key", "owner.key", "-o", out)
    one, two = ([comparable(json.loads(line))
                 for line in (lab.folder / out).read_text().splitlines()]
                for out in ("one.jsonl", "two.jsonl"))
    report.check("scan is the work of one process", [] if one == two and one
                 else [str(one)[:400], str(two)[:400]])


def check_damage(report, lab):
    """A shard that is cut off, which every process sees when it opens the model."""
    broken = lab.folder / "broken"
    shutil.copytree(lab.folder / "model", broken)
    shard = broken / f"model-0000{FILES}-of-0000{FILES}.safetensors"
    shard.write_bytes(shard.read_bytes()[:-64])
    check_error(report, "a shard that is cut off",
                lab.together(4, "embed", "broken", "--key", "owner.key", "-o", "failed"),
                shard.name)
    report.check("a shard that is cut off leaves nothing", lab.left("failed") == [])


def check_kill(report, lab):
    """A process that dies ends all, and nothing is published."""
    run = subprocess.Popen(lab.command(3, "embed", "model", "--key", "owner.key", "-o", "killed"),
                           cwd=lab.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while not (lab.folder / "killed.partial").exists() and time.monotonic() < end:
        time.sleep(.001)
    children = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True,
                              check=False).stdout.split()
    subprocess.run(["kill", f"-{signal.SIGKILL:d}", children[-1]], check=False)
    run.communicate(timeout=120)
    report.check("a process that is killed ends all of them, without an output",
                 run.returncode != 0 and not (lab.folder / "killed").exists())
    done = lab.together(2, "embed", "model", "--key", "owner.key", "-o", "killed")
    report.check("the next run clears away what it left", done.returncode == 0
                 and lab.bytes_of("killed") == lab.bytes_of("whole")
                 and lab.left("killed") == ["killed", "killed.mark"])


def main():
    report = claims.Claims()
    if not shutil.which("mpirun") or not PROGRAM.exists():
        report.skip("processes of mpirun", "Open MPI is not installed")
        return report.finish()
    with tempfile.TemporaryDirectory(prefix="weightmark-mpi-") as name:
        lab = Lab(pathlib.Path(name))
        check_embed(report, lab)
        check_reading(report, lab)
        check_sign(report, lab)
        check_failures(report, lab)
        check_damage(report, lab)
        check_kill(report, lab)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
