"""Logits from a server: llama.cpp's own, or one that speaks OpenAI's protocol.

A source has `vocabulary` (how many tokens a row must have, None: unknown), describe() (for the
sidecar) and rows(piece, wanted): for each end in `wanted` (texts.ends(); here in characters) the
row of the prefix up to it.
"""
import json
import pathlib

from . import answers, texts
from .answers import COLUMNS_MAX, member
from .failure import Failure, TopTokensOnly, shown

BYTES_PER_TOKEN = 512  # of an answer; llama.cpp needs 95 on average
PROBE = 5              # log-probabilities that any endpoint gives that gives some


def vocabulary_of(folder):
    """({text: id} of texts that stand for one token, number of ids) of a tokenizer."""
    import tokenizers
    path = pathlib.Path(folder) / "tokenizer.json"
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the library has no narrower class
        raise Failure(f"{shown(str(path))}: {shown(str(error))}") from error
    ids = sorted(tokenizer.get_vocab(with_added_tokens=True).values())
    names = {}
    for token in ids:
        text = tokenizer.decode([token], skip_special_tokens=False)
        names[text] = None if text in names else token
    return {text: token for text, token in names.items() if token is not None}, ids[-1] + 1


class Server:
    unit = "characters"

    def __init__(self, client, vocabulary, stated):
        self.client, self.stated = client, stated
        if vocabulary is None:
            vocabulary = member(stated, "meta", "n_vocab")
        if not isinstance(vocabulary, int) or not 2 <= vocabulary <= COLUMNS_MAX:
            raise Failure("how many tokens the model has is not known", "--vocabulary N")
        self.vocabulary = vocabulary
        client.bytes_max, self.compared = (1 << 20) + BYTES_PER_TOKEN * vocabulary, False

    def rows(self, piece, wanted, count):
        places = texts.ends(len(piece), count)
        for j in wanted:
            ids, values = self.row(piece[:places[j]])
            if len(ids) > self.vocabulary or ids[-1] >= self.vocabulary:
                raise Failure(f"the answer has token {ids[-1]}; the model has {self.vocabulary}")
            if len(ids) < self.vocabulary and not self.compared:
                self._compare(ids, piece)
            yield places[j], ids, values

    def _compare(self, ids, prompt):
        """Are these tokens a fixed set, or those that are likeliest behind this prompt?"""
        if self.row(prompt)[0] != ids:
            raise TopTokensOnly(f"{self.client.url} gives {len(ids)} of {self.vocabulary} tokens, "
                                "others behind each prompt")
        self.compared = True


class LlamaServer(Server):
    """llama.cpp's server: /completion with n_probs. Its log-probabilities are those before
    sampling."""

    def __init__(self, client, vocabulary):
        super().__init__(client, vocabulary, member(client.get("/v1/models"), "data", 0))
        self.props = client.get("/props")

    def describe(self):
        clean = self.client.clean
        about = {name: clean(member(self.props, name)) for name in ("model_alias", "build_info")}
        return {"kind": "llama-server", "url": self.client.url, "path": "/completion",
                "stated": {**about, "model": clean(member(self.stated, "id")),
                           "meta": clean(json.dumps(member(self.stated, "meta")))}}

    def row(self, prompt):
        status, answer = self.client.post("/completion", {
            "prompt": prompt, "n_predict": 1, "n_probs": self.vocabulary, "temperature": -1,
            "post_sampling_probs": False, "cache_prompt": True, "stream": False})
        if status != 200:
            raise Failure(f"{self.client.url}/completion: HTTP {status}: {answer}")
        entries = member(answer, "completion_probabilities", 0, "top_logprobs")
        if entries is None:
            raise Failure("the answer has no completion_probabilities with top_logprobs",
                          "llama.cpp's server has them since December 2024")
        return answers.row_of(entries)


class Endpoint(Server):
    """/completions or, with `chat`, /chat/completions of OpenAI's protocol."""

    def __init__(self, client, model, vocabulary, chat, names):
        super().__init__(client, vocabulary, self._listed(client, model))
        self.model = model or member(self.stated, "id")
        if not isinstance(self.model, str):
            raise Failure("the endpoint names no model", "--model-name NAME")
        self.chat, self.names, self.probed = chat, names, False
        self.path = "/chat/completions" if chat else "/completions"
        self.extra = {"return_tokens_as_token_ids": True}  # vLLM; OpenAI refuses unknown members

    @staticmethod
    def _listed(client, model):
        listed = member(client.get("/models"), "data")
        named = [entry for entry in listed if model in (None, member(entry, "id"))] if isinstance(
            listed, list) else []
        return named[0] if named else {}

    def describe(self):
        return {"kind": "openai", "url": self.client.url, "path": self.path,
                "model": self.client.clean(self.model), "token_names":
                "texts" if self.names else "ids",
                "stated": {"meta": self.client.clean(json.dumps(member(self.stated, "meta")))}}

    def _ask(self, prompt, count):
        body = {"model": self.model, "max_tokens": 1, "temperature": 1, **self.extra}
        if self.chat:
            body |= {"messages": [{"role": "user", "content": prompt}], "logprobs": True,
                     "top_logprobs": count}
        else:
            body |= {"prompt": prompt, "logprobs": count}
        return self.client.post(self.path, body)

    def row(self, prompt):
        status, answer = self._ask(prompt, self.vocabulary)
        if status != 200 and self.extra and not self.probed:
            self.extra = {}
            status, answer = self._ask(prompt, self.vocabulary)
        if status != 200:
            self._explain(prompt, status, answer)
        entries = answers.openai_entries(answer, self.chat)
        if entries is None:
            raise Failure(f"{self.client.url}{self.path}: the answer has no log-probabilities")
        self.probed = True
        return answers.row_of(entries, self.names)

    def _explain(self, prompt, status, text):
        """A refusal of all log-probabilities; does the endpoint give a few?"""
        few, _ = self._ask(prompt, PROBE)
        if few == 200:
            raise TopTokensOnly(f"{self.client.url}{self.path} refuses the log-probabilities of "
                                f"all {self.vocabulary} tokens (HTTP {status}: {text}) and gives "
                                "those of the likeliest")
        raise Failure(f"{self.client.url}{self.path}: HTTP {status}: {text}")
