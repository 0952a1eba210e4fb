#!/usr/bin/env python3
"""What does the mark cost in perplexity? The real model unmarked and marked, on the same text.

perplexity.py [--program PATH] [--model FOLDER] [--keys N...] [--windows N] [--dtype NAME]
              [--only NAME...]

The text is Debian's licences, Python's documentation and Python's sources: WINDOWS windows of 256
tokens from each, at even distances. Each window is read alone, on one thread. A change is that of
the mean log-likelihood over the windows that both models read; its standard error is that of the
paired differences. A change has a part that is as likely to be a gain as a loss, by key and text:
the slope of the loss where the mark happens to point. The mirror image, 2 unmarked - marked, is as
likely a mark and has the opposite slope, so the mean of both is what a mark costs on average.
Demand: that mean, all sites together, one share, is below +0.2 %. Needs torch and transformers;
takes 20 minutes of one processor a key.
"""
import argparse
import base64
import hashlib
import math
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests"), str(TOP / "tests" / "real")]
import claims  # noqa: E402
import python_venv  # noqa: E402
import run  # noqa: E402

WINDOW, BATCH = 256, 4
DEMAND = 0.002
LICENCES = ("Apache-2.0", "Artistic", "CC0-1.0", "GFDL-1.3", "GPL-1", "GPL-3", "LGPL-2.1",
            "MPL-1.1", "MPL-2.0")
SOURCES = ("argparse", "datetime", "tarfile", "typing")
# What is marked: the options of embed.
MARKS = {
    "all": ["--sites", "ffn,heads,output", "--shares", "1"],
    "ffn": ["--sites", "ffn", "--shares", "1"],
    "heads": ["--sites", "heads", "--shares", "1"],
    "output": ["--sites", "output", "--shares", "1"],
    "all, 3 shares": ["--sites", "ffn,heads,output", "--shares", "3"],
}
DEMANDED = "all"


def texts():
    """{name: text}: prose of lawyers, prose about a language, code."""
    import importlib
    import pydoc_data.topics
    folder = pathlib.Path("/usr/share/common-licenses")
    topics = pydoc_data.topics.topics
    modules = [pathlib.Path(importlib.import_module(name).__file__) for name in SOURCES]
    return {
        "licences": "\n".join((folder / name).read_text("utf-8", "replace") for name in LICENCES),
        "documentation": "\n".join(topics[name] for name in sorted(topics)),
        "code": "\n".join(path.read_text("utf-8") for path in modules),
    }


def windows(tokenizer, text, count):
    """`count` windows of WINDOW tokens, at even distances."""
    ids = tokenizer(text, verbose=False)["input_ids"]
    whole = len(ids) // WINDOW
    if whole < count:
        raise SystemExit(f"the text has {whole} windows of {WINDOW} tokens, fewer than {count}")
    return [ids[i * whole // count * WINDOW:][:WINDOW] for i in range(count)]


def loaded(folder, dtype):
    import torch
    from transformers import AutoModelForCausalLM
    return AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()


def mirror(marked, unmarked):
    """Turns a marked model into its mirror image: 2 unmarked - marked."""
    for (name, weights), (other, original) in zip(marked.named_parameters(),
                                                  unmarked.named_parameters()):
        assert name == other
        weights.data.mul_(-1).add_(original.data, alpha=2)
    return marked


def losses(model, batches):
    """Mean negative log-likelihood of each window."""
    import torch
    out = []
    with torch.inference_mode():
        for batch in batches:
            logits, targets = model(batch).logits[:, :-1].float(), batch[:, 1:]
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(),
                                                     reduction="none")
            out += loss.double().view(targets.shape).mean(dim=1).tolist()
    return out


def change(marked, unmarked):
    """(relative change of perplexity, its standard error), from paired windows."""
    differences = [a - b for a, b in zip(marked, unmarked)]
    ratio = math.exp(statistics.fmean(differences))
    return ratio - 1, ratio * statistics.stdev(differences) / math.sqrt(len(differences))


def percent(pair):
    return f"{100 * pair[0]:+.3f} +- {100 * pair[1]:.3f}"


class Measurement:
    """The windows, what the unmarked model loses on them, and the table."""

    def __init__(self, options, folder):
        import torch
        from transformers import AutoTokenizer
        torch.set_num_threads(1)
        self.options, self.folder, self.rows = options, folder, []
        tokenizer = AutoTokenizer.from_pretrained(options.model)
        self.parts = texts()
        flat = [ids for text in self.parts.values()
                for ids in windows(tokenizer, text, options.windows)]
        self.batches = [torch.tensor(flat[i:i + BATCH]) for i in range(0, len(flat), BATCH)]
        digest = hashlib.sha256("\0".join(self.parts.values()).encode()).hexdigest()
        print(f"text: {', '.join(self.parts)}; {len(flat)} windows, {len(flat) * (WINDOW - 1)} "
              f"predicted tokens; SHA-256 {digest}, Python {platform.python_version()}")
        print(f"on: {processor()}, {options.dtype}, torch {torch.__version__}", flush=True)
        self.model = loaded(options.model, options.dtype)
        self.unmarked = losses(self.model, self.batches)

    def by_part(self, values):
        count = self.options.windows
        return [values[i * count:(i + 1) * count] for i in range(len(self.parts))]

    def header(self):
        perplexity = [math.exp(statistics.fmean(part))
                      for part in (self.unmarked, *self.by_part(self.unmarked))]
        print("| mark | key | perplexity | change, % | of the mirror image | mean of both | "
              + " | ".join(self.parts) + " |\n|---|---|---|---|---|---|"
              + "---|" * len(self.parts))
        print(f"| none | | {perplexity[0]:.4f} | | | | "
              + " | ".join(f"({value:.4f})" for value in perplexity[1:]) + " |", flush=True)

    def measure(self, name, key, number):
        out = self.folder / "marked"
        command = [self.options.program, "embed", self.options.model, "--key", key, "-o", out,
                   "--record", self.folder / "record", "--force", "--threads", "1", *MARKS[name]]
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                                  check=False)
            if done.returncode != 0:
                raise SystemExit(f"embed: {done.stderr.strip()}")
            model = loaded(out, self.options.dtype)
        finally:
            shutil.rmtree(out, ignore_errors=True)
        marked = losses(model, self.batches)
        mirrored = losses(mirror(model, self.model), self.batches)
        both = [(a + b) / 2 for a, b in zip(marked, mirrored)]
        changes = [change(a, self.unmarked) for a in (marked, mirrored, both)]
        changes += [change(a, b) for a, b in zip(self.by_part(both), self.by_part(self.unmarked))]
        print(f"| {name} | {number} | {math.exp(statistics.fmean(marked)):.4f} | "
              + " | ".join(percent(pair) for pair in changes) + " |", flush=True)
        self.rows.append((name, changes[2]))


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ", 1)[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def write_key(number, path):
    """Key 1 is that of the tests; the others are made from their number."""
    data = run.KEY.read_bytes()
    if number > 1:
        secret = hashlib.sha256(f"tests/training/perplexity {number}".encode()).digest()
        data = data.split(b"\n")[0] + b"\n" + base64.b64encode(secret) + b"\n"
    path.write_bytes(data)
    path.chmod(0o600)


def summary(rows):
    """Means over keys, and the problems with the demand."""
    for name in dict.fromkeys(name for name, _ in rows):
        found = [pair[0] for other, pair in rows if other == name]
        spread = f", standard deviation {100 * statistics.stdev(found):.3f}" if found[1:] else ""
        print(f"{name}: {100 * statistics.fmean(found):+.3f} % over {len(found)} key(s){spread}")
    judged = [pair[0] for name, pair in rows if name == DEMANDED]
    if judged and statistics.fmean(judged) >= DEMAND:
        return [f"{100 * statistics.fmean(judged):+.3f} %"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--keys", type=int, nargs="+", default=[1], metavar="N",
                        help="numbers of keys (default 1)")
    parser.add_argument("--windows", type=int, default=40, help="of each text (default 40)")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32",
                        help="of the forward passes; bfloat16 takes a third of the time")
    parser.add_argument("--only", nargs="+", choices=MARKS, help="only these marks")
    options = parser.parse_args()
    python = python_venv.existing({"torch": "torch", "transformers": "transformers"}, "compressed")
    if not python:
        print("skip - perplexity: torch and transformers are not installed")
        sys.exit(run.SKIP)
    if python != pathlib.Path(sys.executable):
        os.execv(python, [str(python), __file__, *sys.argv[1:]])
    options.program = options.program.resolve()
    options.model = options.model or run.prepared_model()
    report = claims.Claims()
    with tempfile.TemporaryDirectory(prefix="weightmark-perplexity-") as scratch:
        measurement = Measurement(options, pathlib.Path(scratch))
        measurement.header()
        for number in options.keys:
            key = pathlib.Path(scratch) / f"{number}.key"
            write_key(number, key)
            for name in options.only or MARKS:
                measurement.measure(name, key, number)
        report.check(f"perplexity: all sites, one share, cost less than {100 * DEMAND} %",
                     summary(measurement.rows))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
