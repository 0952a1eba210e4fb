#!/usr/bin/env python3
"""tools/collect_logits.py against good and bad servers of this process (fake_server.py).

Standard library only. The real model and llama.cpp's server: test_collect_real.py.
"""
import array
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import fake_server  # noqa: E402
from fake_server import BAD, TOKENS, Server, good, logprobs, replaced  # noqa: E402

TOOL = TOP / "tools" / "collect_logits.py"
KEY = "sk-very-secret-0123456789"
ROWS, EACH = 10, 4


class Lab:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "key").write_text(KEY + "\n")
        (self.folder / "key").chmod(0o600)

    def run(self, source, url, *words, out="x.npy", rows=ROWS, seed="s"):
        """(exit code, output of both streams)"""
        command = [sys.executable, TOOL, source, url, "--seed", seed, "--rows", rows,
                   "--rows-per-text", EACH, "-o", self.folder / out, *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False, env={**os.environ, "COLLECT_KEY": KEY})
        return done.returncode, done.stdout + done.stderr

    def clear(self):
        for path in self.folder.glob("x.*"):
            path.unlink()

    def refused(self, answer, words, source="llama-server", tail=""):
        """Problems, unless the tool ends with exit code 2, an error that has `words`, and no
        output."""
        self.clear()
        with Server(answer) as server:
            code, text = self.run(source, server.url + tail)
        left = [path.name for path in self.folder.glob("x.npy")]
        fine = code == 2 and words in text and "Traceback" not in text and not left
        return [] if fine else [f"exit code {code}, {left}: {text[-500:]}"]


def read_npy(path):
    data = path.read_bytes()
    size, = struct.unpack("<H", data[8:10])
    return data[10:10 + size].decode(), array.array("f", data[10 + size:])


def expected(record):
    """The numbers of the rows that the sidecar lists."""
    out = array.array("f")
    for row in record["rows"]:
        out.extend(logprobs(record["pieces"][row["text"]][:row["end"]]).values())
    return out


def good_rows(lab, source, tail, *words):
    lab.clear()
    with Server(good) as server:
        code, text = lab.run(source, server.url + tail, *words)
    if code != 0:
        return [text]
    head, numbers = read_npy(lab.folder / "x.npy")
    record = json.loads((lab.folder / "x.npy.json").read_text())
    problems = [] if f"({ROWS}, {TOKENS})" in head else [head]
    problems += [] if numbers == expected(record) else ["other numbers than the server's"]
    return problems + ([] if len(record["rows"]) == ROWS else [f"{len(record['rows'])} rows"])


def top_tokens(path, body, headers):
    """OpenAI's limit of 20."""
    if body and body.get("logprobs", 0) > 20:
        return 400, {"error": {"message": "logprobs must be at most 20"}}
    return good(path, body, headers)


def short_lists(path, body, headers):
    """Gives 20 without a word."""
    if body is None:
        return good(path, body, headers)
    row = sorted(logprobs(body["prompt"]).items(), key=lambda pair: -pair[1])[:20]
    return 200, fake_server.completions(dict(row))


def strict(path, body, headers):
    """Refuses members that OpenAI's protocol does not have."""
    if body and "return_tokens_as_token_ids" in body:
        return 400, {"error": "unknown member"}
    return 200, (fake_server.chat(logprobs(body["messages"][0]["content"])) if body
                 else fake_server.models())


def limits(lab, report):
    report.check("collect: an endpoint that refuses all log-probabilities and gives few is "
                 "explained", lab.refused(top_tokens, "--max-logprobs -1", "openai", "/v1"))
    report.check("collect: lists of the top tokens are explained",
                 lab.refused(short_lists, "holds nothing of the head's span", "openai", "/v1"))

    def texts_for_tokens(path, body, headers):
        if body is None:
            return good(path, body, headers)
        return 200, fake_server.completions(logprobs(body["prompt"]), "w{}".format)
    report.check("collect: tokens named by their text need a tokenizer",
                 lab.refused(texts_for_tokens, "--tokenizer DIR", "openai", "/v1"))
    lab.clear()
    with Server(strict) as server:
        code, text = lab.run("openai", server.url + "/v1", "--chat")
    report.check("collect: a server that refuses unknown members is asked without them",
                 [] if code == 0 else [text])


def resumed(lab):
    """A server that fails at the seventh row; the second run asks for the rest only."""
    lab.clear()
    with Server(good) as server:
        lab.run("llama-server", server.url)
        whole = (lab.folder / "x.npy").read_bytes()
        lab.clear()
        server.answer = lambda path, body, headers: good(path, body) if not body or sum(
            request[1] is not None for request in server.requests) < allowed else (400, "no")
        allowed = 0  # not one row
        lab.run("llama-server", server.url)
        allowed = ROWS + 8
        first = lab.run("llama-server", server.url)
        other = lab.run("llama-server", server.url, seed="another")
        server.answer = good
        partial = lab.folder / "x.npy.partial"
        data = bytearray(partial.read_bytes())
        data[128 + 4 * TOKENS * 5 + 3] ^= 1  # row 5 is damaged: rows 5 and on are asked again
        partial.write_bytes(data + b"half a row")
        with open(lab.folder / "x.npy.partial.journal", "a") as journal:
            journal.write('{"half a')
        asked = len(server.requests)
        second = lab.run("llama-server", server.url)
        asked = sum(body is not None for _, body, _ in server.requests[asked:])
    problems = [] if (first[0], second[0]) == (2, 0) else [first[1] + second[1]]
    problems += [] if other[0] == 2 and "--restart" in other[1] else [f"other seed: {other}"]
    problems += [] if asked == ROWS - 5 else [f"{asked} rows were asked for, not {ROWS - 5}"]
    return problems + ([] if (lab.folder / "x.npy").read_bytes() == whole else ["other bytes"])


def secret(lab):
    """The server repeats the key wherever it can: in what it states, and in an error."""
    def echo(path, body, headers):
        if path.endswith("/models"):
            return 200, {"data": [{"id": KEY, "meta": {"n_vocab": TOKENS, "note": KEY}}]}
        if body is None:
            return 200, {"build_info": headers.get("Authorization"), "model_alias": [KEY]}
        return good(path, body)
    problems = []
    for words in (["--api-key-file", lab.folder / "key"], ["--api-key-env", "COLLECT_KEY"]):
        lab.clear()
        with Server(echo) as server:
            code, text = lab.run("llama-server", server.url, *words)
            sent = [h.get("Authorization") for _, _, h in server.requests]
            server.answer = lambda path, body, headers: (
                (400, {"error": KEY}) if body else echo(path, body, headers))
            error = lab.run("llama-server", server.url, *words, out="x.2.npy")
        problems += [] if code == 0 and set(sent) == {f"Bearer {KEY}"} else [f"{text} {sent}"]
        files = [path for path in lab.folder.glob("x.*") if KEY.encode() in path.read_bytes()]
        problems += [f"the key is in {path.name}" for path in files]
        problems += ["the key is in a message"] if KEY in text + error[1] else []
        problems += [] if error[0] == 2 and "[API key]" in error[1] else [error[1]]
    return problems


def redirected(lab):
    with Server(good) as other:
        answer = (lambda path, body, headers:
                  (307, b"", {"Location": other.url + path}) if body else good(path, body))
        problems = lab.refused(answer, "HTTP 307")
        return problems + [f"it was asked: {path}" for path, *_ in other.requests]


def bad_addresses(lab):
    problems = []
    for url, words in {"http://example.org": "without encryption",
                       "https://me:pass@example.org": "which would be recorded",
                       "https://example.org/v1?key=1": "which would be recorded",
                       "file:///etc/passwd": "not an http"}.items():
        code, text = lab.run("openai", url, "--api-key-file", lab.folder / "key")
        problems += [] if code == 2 and words in text else [f"{url}: {text}"]
    (lab.folder / "key").chmod(0o644)
    code, text = lab.run("openai", "https://example.org", "--api-key-file", lab.folder / "key")
    (lab.folder / "key").chmod(0o600)
    problems += [] if code == 2 and "others can read it" in text else [text]
    (lab.folder / "split").write_text(f"{KEY}\r\nHost: x")
    (lab.folder / "split").chmod(0o600)
    code, text = lab.run("openai", "https://example.org", "--api-key-file", lab.folder / "split")
    return problems + ([] if code == 2 and "no API key" in text and KEY not in text else [text])


def part_of_tokens(lab):
    """A fixed set of tokens makes a safetensors file with their ids."""
    lab.clear()
    ids = list(range(7, TOKENS, 3))
    answer = replaced(lambda row: fake_server.llama({t: row[t] for t in ids}))
    with Server(answer) as server:
        code, text = lab.run("llama-server", server.url, out="x.safetensors")
        wrong = lab.run("llama-server", server.url)
    data = (lab.folder / "x.safetensors").read_bytes() if code == 0 else b"\0" * 8
    size, = struct.unpack("<Q", data[:8])
    head = json.loads(data[8:8 + size] or "{}")
    found = array.array("q", data[8 + size:][:8 * len(ids)]).tolist()
    problems = [] if code == 0 and found == ids else [f"{text} {found[:5]}"]
    problems += [] if head.get("logits", {}).get("shape") == [ROWS, len(ids)] else [str(head)]
    return problems + ([] if wrong[0] == 2 and ".safetensors holds" in wrong[1] else [wrong[1]])


def manners(lab):
    """--dry-run asks nothing; an output is replaced only by --force; a busy server is asked
    again; minus infinity is kept."""
    lab.clear()
    with Server(good) as server:
        dry = lab.run("llama-server", server.url, "--dry-run")
        problems = [] if dry[0] == 0 and not server.requests else [f"{dry} {server.requests}"]
        problems += [str(path) for path in lab.folder.glob("x.*")]
        server.answer = lambda path, body, headers: (
            (503, "busy") if sum(1 for _, b, _ in server.requests if b) == 1 and body else
            replaced(lambda row: fake_server.llama({**row, 5: -3.4e38}))(path, body, headers))
        runs = [lab.run("llama-server", server.url),
                lab.run("llama-server", server.url),
                lab.run("llama-server", server.url, "--force")]
    problems += [] if [code for code, _ in runs] == [0, 2, 0] else [str(runs)]
    numbers = read_npy(lab.folder / "x.npy")[1]
    return problems + ([] if numbers[5] == float("-inf") else [f"{numbers[5]}"])


MEASURE = ("import resource, sys; sys.argv = sys.argv[1:]; sys.path.insert(0, sys.argv[0]); "
           "import collect_logits; collect_logits.main(sys.argv[1:]); "
           "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)")


def memory(lab):
    """Peak memory, in KiB, of a few rows and of many."""
    peaks = []
    for rows in (8, 400):
        lab.clear()
        with Server(good) as server:
            done = subprocess.run(
                [sys.executable, "-c", MEASURE, str(TOOL.parent), "llama-server", server.url,
                 "--seed", "s", "--rows", str(rows), "-o", str(lab.folder / "x.npy")],
                capture_output=True, text=True, check=False)
        peaks.append(int(done.stdout.split()[-1]))
    return [] if peaks[1] - peaks[0] < 4 * TOKENS * 400 // 1024 else [f"{peaks} KiB"]


def main():
    report = claims.Claims()
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder)
        for source, tail, *words in (("llama-server", ""), ("openai", "/v1"),
                                     ("openai", "/v1", "--chat")):
            report.check(f"collect: {' '.join([source, *words])} writes the numbers of a good "
                         "server", good_rows(lab, source, tail, *words))
        for name, (change, words) in BAD.items():
            report.check(f"collect: {name} is refused", lab.refused(replaced(change), words))
        limits(lab, report)
        report.check("collect: an interrupted run goes on where it stopped", resumed(lab))
        report.check("collect: the API key is sent, and nowhere written", secret(lab))
        report.check("collect: redirects are not followed", redirected(lab))
        report.check("collect: addresses that could leak the key are refused", bad_addresses(lab))
        report.check("collect: a part of the tokens has their ids", part_of_tokens(lab))
        report.check("collect: dry runs, outputs that exist, busy servers", manners(lab))
        report.check("collect: memory does not grow with the rows", memory(lab))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
