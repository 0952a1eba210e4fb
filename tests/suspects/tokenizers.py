"""Suspects whose tokenizer stands in one other file format only, or was exchanged for another.

Each function changes a Suspect (folder.py) in place.
"""
import base64
import json
import struct

import numpy as np

from folder import EMBEDDING, HEAD
from tokens import TOKENIZER, renamed_exchanged, strings_by_id


def byte_alphabet():
    """Character of the byte-level alphabet -> byte."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {**{chr(byte): byte for byte in shown},
            **{chr(256 + place): byte for place, byte in enumerate(hidden)}}


def bytes_by_id(suspect):
    """[(id, bytes)] of the tokens that are not special, and {id: string} of those that are."""
    alphabet, (names, added) = byte_alphabet(), strings_by_id(suspect)
    plain = [(number, bytes(alphabet[c] for c in names[number]))
             for number in sorted(set(names) - added)]
    return plain, {number: names[number] for number in sorted(added)}


def only(suspect, name, content):
    suspect.files[TOKENIZER] = None
    suspect.files[name] = content


def only_tekken(suspect):
    """Mistral's tekken.json: special tokens have the first ids, as they have here."""
    plain, special = bytes_by_id(suspect)
    first = len(special)
    vocabulary = [{"rank": number - first, "token_bytes": base64.b64encode(text).decode(),
                   "token_str": text.decode(errors="ignore") or None} for number, text in plain]
    only(suspect, "tekken.json", json.dumps({
        "config": {"pattern": "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}", "version": "v7",
                   "num_vocab_tokens": len(vocabulary), "default_num_special_tokens": first,
                   "default_vocab_size": first + len(vocabulary)},
        "vocab": vocabulary,
        "special_tokens": [{"rank": number, "token_str": name, "is_control": True}
                           for number, name in special.items()]}))


def ranks(suspect):
    plain, _ = bytes_by_id(suspect)
    return "".join(f"{base64.b64encode(text).decode()} {number}\n" for number, text in plain)


def only_qwen_tiktoken(suspect):
    only(suspect, "qwen.tiktoken", ranks(suspect))


def only_tiktoken(suspect):
    """Llama 3's tokenizer.model: a list of ranks, like qwen.tiktoken."""
    only(suspect, "tokenizer.model", ranks(suspect))


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def only_sentencepiece(suspect):
    """sentencepiece's tokenizer.model: pieces with their score and type."""
    plain, special = bytes_by_id(suspect)
    pieces = {number: (name, 3) for number, name in special.items()}
    for number, text in plain:
        if len(text) == 1:
            pieces[number] = (f"<0x{text[0]:02X}>", 6)
            continue
        try:
            pieces[number] = (text.decode().replace(" ", "\u2581"), 1)
        except UnicodeDecodeError:
            pieces[number] = (f"<part {number}>", 5)
    model = b"".join(field(1, field(1, name.encode()) + b"\x15" + struct.pack("<f", -number)
                           + b"\x18" + varint(kind))
                     for number, (name, kind) in sorted(pieces.items()))
    only(suspect, "tokenizer.model", model)


def only_vocab_merges(suspect):
    """vocab.json and merges.txt, special tokens in tokenizer_config.json."""
    tree = suspect.text(TOKENIZER)
    only(suspect, "vocab.json", json.dumps(tree["model"]["vocab"], ensure_ascii=False))
    merges = (m if isinstance(m, str) else " ".join(m) for m in tree["model"]["merges"])
    suspect.files["merges.txt"] = "#version: 0.2\n" + "".join(f"{m}\n" for m in merges)
    suspect.set_text("tokenizer_config.json", {
        "tokenizer_class": "GPT2Tokenizer",
        "added_tokens_decoder": {str(token.pop("id")): token for token in tree["added_tokens"]}})


def fast_tokenizer_files(suspect):
    """A tokenizer.json that nothing reads, because tokenizer_config.json names another file."""
    suspect.files["tokenizer.4.0.0.json"] = json.dumps(suspect.text(TOKENIZER))
    renamed_exchanged(suspect)
    suspect.set_text("tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "fast_tokenizer_files": ["tokenizer.4.0.0.json", "tokenizer.json"]})


def tokensurgeon(suspect, shared=0.35, nearest=8):
    """Another vocabulary of the same size: shared strings keep their rows, under other ids; each
    other row is a mixture of the rows of a few tokens."""
    random = suspect.random("tokensurgeon")
    tree, (names, added) = suspect.text(TOKENIZER), strings_by_id(suspect)
    table = suspect[EMBEDDING]
    kept = np.array([number in added for number in range(len(table))])
    kept |= random.random(len(table)) < shared
    order = random.permutation(len(table))  # the new token t was token order[t], if that is kept
    rows, vocabulary, contents = table[order], {}, {token["id"]: token
                                                    for token in tree["added_tokens"]}
    for number, old in enumerate(order):
        if not kept[old]:
            parts = random.integers(0, len(table), nearest)
            weights = random.dirichlet(np.ones(nearest)).astype("f4")
            rows[number] = weights @ table[parts]
        name = names[int(old)] if kept[old] else f"\u0120s{number:x}"
        vocabulary[name] = number
        if old in contents:
            contents[old]["id"] = number
    tree["model"]["vocab"], tree["model"]["merges"] = vocabulary, []
    suspect.set_text(TOKENIZER, tree)
    suspect[EMBEDDING] = rows
    if HEAD in suspect.tensors:
        suspect[HEAD] = rows
