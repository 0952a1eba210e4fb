#!/usr/bin/env python3
"""tools/collect_logits.py on the real model, marked: by transformers, and by llama.cpp's server.

test_collect_real.py [--program PATH] [--model FOLDER] [--build FOLDER]. Needs torch and
transformers, and for the server gguf and xllamacpp (both are installed into build/venvs where they
can be); what is missing is skipped with the reason.
"""
import argparse
import array
import collections
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "real"))
import fake_server  # noqa: E402
import gguf_converter  # noqa: E402
import prepare  # noqa: E402
import run  # noqa: E402
from run import attempt, claims, python_venv  # noqa: E402

DECODE = """
import json, sys, tokenizers
tokenizer = tokenizers.Tokenizer.from_file(sys.argv[1])
json.dump([tokenizer.decode([token], skip_special_tokens=False)
           for token in range(tokenizer.get_vocab_size())], sys.stdout)
"""
TOOL = TOP / "tools" / "collect_logits.py"
SERVER = pathlib.Path(__file__).with_name("serve_gguf.py")
XLLAMACPP = "xllamacpp==2026.10.11549"
SEED = "tests/tools"
# Rows, and the smallest z of them: 34 in the weights; 14 and 9 measured, wrong keys 1.
LOCAL_ROWS, LOCAL_MIN, SERVER_ROWS, SERVER_MIN, WRONG_MAX = 96, 10, 32, 6, 5
NO_TORCH = "torch and transformers are not installed"
HEADER = 128           # of the .npy files
SAME = 0.2             # f16 weights and other kernels: 0.03 measured, where logits span 40
# The prefixes' logits by transformers: SIDECAR -> f32 on standard output.
FORWARD = """
import json, sys, torch, transformers
torch.set_num_threads(1)
record = json.load(open(sys.argv[2]))
tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
model = transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
with torch.inference_mode():
    for row in record["rows"][:8]:
        text = record["pieces"][row["text"]][:row["end"]]
        logits = model(torch.tensor([tokenizer(text)["input_ids"]])).logits[0, -1]
        sys.stdout.buffer.write(torch.log_softmax(logits, dim=0).numpy().tobytes())
"""


def checked(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode("utf-8", "replace").strip()[-400:])
    return done.stdout


def collect(lab, python, source, place, out, rows):
    checked([python, TOOL, source, place, "--seed", SEED, "--rows", rows, "-o", lab.folder / out,
             *(["--threads", "1"] if source == "local-model" else [])])
    return lab.folder / out


def rows_of(path, count):
    data = array.array("f", path.read_bytes()[HEADER:])
    columns = json.loads(path.with_name(path.name + ".json").read_text())["file"]["columns"]
    return [data[i * columns:(i + 1) * columns] for i in range(count)]


def mark_problems(lab, logits, least):
    """z with the right and with a wrong key."""
    problems = []
    for key, fits in (("owner.key", lambda z: z >= least), ("other.key", lambda z: z < WRONG_MAX)):
        text = lab.run("detect", "--logits", logits, "--tokenizer", lab.model, "--key",
                       lab.folder / key, "--shares", "1", "--threads", "1", "--json", fine=(0, 3))
        found = json.loads(text)
        print(f"  {logits.name}, {found['rows']} rows, {key}: z = {found['z']:.2f}")
        problems += [] if fits(found["z"]) else [f"{key}: z = {found['z']:.2f}"]
    return problems


def local(lab, python):
    logits = collect(lab, python, "local-model", lab.folder / "marked", "local.npy", LOCAL_ROWS)
    record = json.loads((lab.folder / "local.npy.json").read_text())
    weights = checked(["sha256sum", lab.folder / "marked" / "model.safetensors"]).split()[0]
    problems = [] if record["source"]["files"]["model.safetensors"] == weights.decode() else [
        f"the record has another digest of the weights: {record['source']['files']}"]
    return problems + mark_problems(lab, logits, LOCAL_MIN)


@contextlib.contextmanager
def served(lab, python):
    """The address of llama.cpp's server over the marked model as F16."""
    converter = gguf_converter.Converter(lab.build, lab.folder)
    converter.write(lab.folder / "marked", "F16", lab.folder / "marked.gguf")
    process = subprocess.Popen([python, SERVER, lab.folder / "marked.gguf"], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    try:
        for line in process.stdout:
            if line.startswith("serving "):
                yield line.split()[1]
                return
        raise RuntimeError("llama.cpp's server did not start")
    finally:
        process.kill()
        process.wait()


def difference(some, others):
    """Problems, where two lists of rows differ by more than rounding."""
    some, others = ([value for row in rows for value in row] for rows in (some, others))
    if len(some) != len(others):
        return [f"{len(some)} numbers, not {len(others)}"]
    worst = max(abs(a - b) for a, b in zip(some, others))
    print(f"  they differ by {worst:.3f} at most")
    return [] if worst < SAME else [f"they differ by {worst}"]


def same_as_transformers(lab, python, logits):
    """The server's log-probabilities of the first rows, against forward passes."""
    expected = array.array("f", checked([python, "-c", FORWARD, lab.folder / "marked",
                                         logits.with_name(logits.name + ".json")]))
    return difference(rows_of(logits, 8), [expected])


def server(lab, report, torch_python, python):
    with served(lab, python) as url:
        attempt(report, "collect real: llama.cpp's server gives logits with the mark",
                lambda: mark_problems(lab, collect(lab, sys.executable, "llama-server", url,
                                                   "llama.npy", SERVER_ROWS), SERVER_MIN))
        claim = "collect real: they are those of the forward pass"
        if torch_python:
            attempt(report, claim, lambda: same_as_transformers(lab, torch_python,
                                                                lab.folder / "llama.npy"))
        else:
            report.skip(claim, NO_TORCH)

        def openai():
            logits = collect(lab, sys.executable, "openai", f"{url}/v1", "openai.npy", 3)
            return difference(rows_of(logits, 3), rows_of(lab.folder / "llama.npy", 3))
        attempt(report, "collect real: the same server gives the same by OpenAI's protocol", openai)


def named_by_text(lab, python):
    """Tokens that a server names by their text, as vLLM does, get their ids from the tokenizer."""
    texts = json.loads(checked([python, "-c", DECODE, lab.model / "tokenizer.json"]))
    often = collections.Counter(texts)
    numbers = fake_server.logprobs("any", len(texts))

    def answer(path, body, headers):
        if body is None:
            return 200, fake_server.models(len(texts))
        return 200, fake_server.completions(numbers, lambda token: texts[token])
    with fake_server.Server(answer) as server:
        checked([python, TOOL, "openai", server.url, "--seed", SEED, "--rows", 2, "--tokenizer",
                 lab.model, "-o", lab.folder / "named.safetensors"])
    data = (lab.folder / "named.safetensors").read_bytes()
    ids = [token for token, text in enumerate(texts) if often[text] == 1]
    expected = array.array("q", ids).tobytes() + 2 * array.array(
        "f", (numbers[token] for token in ids)).tobytes()
    print(f"  {len(ids)} of {len(texts)} tokens have a text of their own")
    return [] if data.endswith(expected) else ["other tokens or numbers than the server's"]


def mark(lab):
    shutil.copy(run.KEY, lab.folder / "owner.key")
    (lab.folder / "owner.key").chmod(0o600)
    lab.run("keygen", lab.folder / "other.key")
    lab.run("embed", lab.model, "--key", lab.folder / "owner.key", "-o", lab.folder / "marked",
            "--sites", "output", "--shares", "1", "--threads", "1")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=run.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=run.TOP / "build")
    options = parser.parse_args()
    torch_python = python_venv.existing({"torch": "torch", "transformers": "transformers"},
                                        "compressed")
    llama_python = prepare.environment() and python_venv.with_modules({"xllamacpp": XLLAMACPP},
                                                                      "llama")
    works = {"a local model gives logits with the mark": local,
             "tokens that are named by their text get their ids": named_by_text}
    report = claims.Claims()
    with run.Lab(options.program.resolve(), options.model or run.prepared_model()) as lab:
        lab.build = options.build
        mark(lab)
        for claim, work in works.items():
            if torch_python:
                attempt(report, f"collect real: {claim}", lambda: work(lab, torch_python))
            else:
                report.skip(f"collect real: {claim}", NO_TORCH)
        if llama_python:
            server(lab, report, torch_python, llama_python)
        else:
            report.skip("collect real: llama.cpp's server", "xllamacpp or gguf is not installed")
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
