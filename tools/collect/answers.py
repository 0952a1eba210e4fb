"""What a server answered, distrusted: JSON -> one row of log-probabilities.

A row is (token ids ascending, values): array('I') and array('f'). Minus infinity is the only value
that need not be finite; servers write it as a huge negative number.
"""
import array
import json
import math
import re

from .failure import Failure, shown

COLUMNS_MAX = 1 << 21
MINUS_INFINITY_BELOW = -9998.0  # vLLM writes -9999, llama.cpp the lowest float
VALUE_MAX = 1e6
ID_TEXT = re.compile("token_id:([0-9]{1,9})")  # vLLM: return_tokens_as_token_ids


def parse(data, what):
    """The JSON value; NaN and Infinity are not JSON."""
    def refuse(word):
        raise ValueError(f"{word} is not JSON")
    try:
        return json.loads(data, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Failure(f"{what}: its answer is not JSON: {shown(str(error))}") from error


def member(value, *path):
    """value[path[0]][path[1]]..., or None where something else is there."""
    for key in path:
        fits = isinstance(value, list if isinstance(key, int) else dict)
        if not fits or (key not in value if isinstance(key, str) else len(value) <= key):
            return None
        value = value[key]
    return value


def id_of(entry, names):
    """The token id of one entry of top_logprobs: `id`, "token_id:N", or the text's id in `names`
    (None: a text that stands for no token or for several)."""
    if isinstance(entry.get("id"), int):
        return entry["id"]
    text = entry.get("token")
    if isinstance(text, str) and (match := ID_TEXT.fullmatch(text)):
        return int(match[1])
    if names is None:
        raise Failure(f"tokens are named by their text ({shown(text)}), not by their ids",
                      "--tokenizer DIR maps texts to ids, where a text stands for one token")
    return names.get(text)


def row_of(entries, names=None):
    """entries: [{"id" or "token": ..., "logprob": number}]"""
    if not isinstance(entries, list) or not 2 <= len(entries) <= COLUMNS_MAX:
        raise Failure("the answer has no list of log-probabilities")
    found = {}
    for entry in entries:
        value = entry.get("logprob") if isinstance(entry, dict) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Failure(f"an entry without a log-probability: {shown(entry)}")
        token = id_of(entry, names)
        if token is None:
            continue
        if isinstance(token, bool) or not 0 <= token < COLUMNS_MAX:
            raise Failure(f"{shown(token)} is not the id of a token")
        if token in found:
            raise Failure(f"token {token} stands there twice")
        found[token] = checked(value, token)
    if len(found) < 2:
        raise Failure("no text stands for one token of this tokenizer")
    ids = array.array("I", sorted(found))
    return ids, array.array("f", (found[token] for token in ids))


def checked(value, token):
    if not value <= VALUE_MAX:  # NaN and integers without end too
        raise Failure(f"the log-probability of token {token} is {shown(value)}")
    return -math.inf if value < MINUS_INFINITY_BELOW else value


def openai_entries(answer, chat):
    """The entries of both forms: {text: number} of completions, [{token, logprob}] of chats (and
    of llama.cpp's completions). None: there are no log-probabilities."""
    logprobs = member(answer, "choices", 0, "logprobs")
    entries = member(logprobs, "content", 0, "top_logprobs")
    if entries is None and not chat:
        table = member(logprobs, "top_logprobs", 0)
        if isinstance(table, dict):
            entries = [{"token": text, "logprob": value} for text, value in table.items()]
    return entries
