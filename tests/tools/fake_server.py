"""A server of this process that answers as a test says: for errors of protocol only.

Good answers are those of llama.cpp's server and of OpenAI's protocol, with numbers made from the
prompt. Not thread-safe beyond one client.
"""
import http.server
import json
import random
import threading

TOKENS = 400


def logprobs(prompt, tokens=TOKENS):
    """{token: number}, the same for the same prompt."""
    draw = random.Random(prompt)
    return {token: -round(10 + draw.gauss(0, 3), 5) for token in range(tokens)}


def entries(row):
    return [{"id": token, "token": "x", "bytes": [120], "logprob": value}
            for token, value in sorted(row.items(), key=lambda pair: -pair[1])]


def llama(row):
    return {"completion_probabilities": [{"id": 0, "top_logprobs": entries(row)}]}


def chat(row):
    return {"choices": [{"logprobs": {"content": [{"top_logprobs": entries(row)}]}}]}


def completions(row, name="token_id:{}".format):
    """vLLM's form."""
    return {"choices": [{"logprobs": {"top_logprobs": [{name(t): v for t, v in row.items()}]}}]}


class Server:
    """`answer(path, body, headers)` returns a status and an object, bytes, or a list of chunks; a
    third value holds further headers. requests: all (path, body, headers)."""

    def __init__(self, answer):
        self.answer, self.requests = answer, []
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def _handler(server):
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self._reply(None)

            def do_POST(self):
                self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _reply(self, body):
                server.requests.append((self.path, body, dict(self.headers)))
                status, value, *more = server.answer(self.path, body, self.headers)
                chunks = value if isinstance(value, list) else [
                    value if isinstance(value, bytes) else json.dumps(value).encode()]
                try:
                    self.send_response(status)
                    for name, text in (more[0] if more else {}).items():
                        self.send_header(name, text)
                    self.end_headers()
                    for chunk in chunks:
                        self.wfile.write(chunk)
                except OSError:
                    pass  # the client has seen enough
        return Handler


def models(tokens=TOKENS):
    return {"data": [{"id": "fake", "meta": {"n_vocab": tokens}}]}


def good(path, body, _headers=None):
    """Both protocols, as they should be."""
    if body is None:
        return 200, models() if path.endswith("/models") else {"build_info": "fake"}
    if path == "/completion":
        return 200, llama(logprobs(body["prompt"]))
    if path.endswith("/chat/completions"):
        return 200, chat(logprobs(body["messages"][0]["content"]))
    return 200, completions(logprobs(body["prompt"]))


def replaced(change):
    """The good server with its llama.cpp answers changed: change(row) -> answer."""
    def answer(path, body, headers):
        if body is None:
            return good(path, body, headers)
        return 200, change(logprobs(body["prompt"]))
    return answer


def with_value(text):
    """An answer whose third number is `text`."""
    def change(row):
        line = json.dumps(llama(row))
        return line.replace(str(row[2]), text, 1).encode()
    return change


def bad_entries(change):
    def answer(row):
        listed = entries(row)
        change(listed)
        return {"completion_probabilities": [{"top_logprobs": listed}]}
    return answer


# What no server may answer: change(row), and what the tool says.
BAD = {
    "NaN": (with_value("NaN"), "NaN is not JSON"),
    "infinity": (with_value("1e999"), "the log-probability of token 2 is inf"),
    "an integer without end": (with_value("1" + "0" * 400), "the log-probability of token 2 is"),
    "an id in other digits": (bad_entries(lambda e: e.__setitem__(0, {
        "token": "token_id:\u00b2", "logprob": -1})), "named by their text"),
    "a text for a number": (with_value('"1"'), "an entry without a log-probability"),
    "a token twice": (bad_entries(lambda e: e[1].update(id=e[0]["id"])), "stands there twice"),
    "a token that is none": (bad_entries(lambda e: e[0].update(id=TOKENS)),
                             f"the model has {TOKENS}"),
    "a negative token": (bad_entries(lambda e: e[0].update(id=-1)), "is not the id of a token"),
    "no JSON": (lambda row: b"<html>", "its answer is not JSON"),
    "JSON without end": (lambda row: b"[" * 100_000, "its answer is not JSON"),
    "an answer without end": (lambda row: [b" " * (1 << 20)] * 8, "its answer has more than"),
    "other JSON": (lambda row: [b"[1]"], "no completion_probabilities"),
    "no list": (lambda row: {"completion_probabilities": [{"top_logprobs": 3}]},
                "no list of log-probabilities"),
}
