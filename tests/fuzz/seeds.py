"""Writes the seeds of the fuzz targets that are made of tests/vectors: write(FOLDER).

A folder for each target. What fuzzing itself has found worth keeping lies in tests/fuzz/corpus;
nothing of this is kept in the tree a second time. Not for threads.
"""
import base64
import hashlib
import json
import math
import pathlib
import struct
import sys
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[2]
VECTORS = TOP / "tests" / "vectors"
sys.path[:0] = [str(TOP / "tests" / "interop"), str(TOP / "tests" / "fuzz" / "claims"),
                str(TOP / "tests" / "fuzz" / "formats")]
import vec_file  # noqa: E402
from claim_seeds import commitments, parts, registers  # noqa: E402
from format_seeds import distributed, megatron, mindspore  # noqa: E402

# GGUF: kinds of values, types of tensors.
U32, I32, TEXT, LIST = 4, 5, 8, 9
F32, Q4_0 = 0, 2
WIDTH, FFN, TOKENS = 256, 32, ["<s>", "\u2581a", "<0x0A>", "b"]


class Seeds:
    def __init__(self, folder):
        self.folder = folder

    def add(self, target, content):
        folder = self.folder / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def safetensors(seeds):
    for name in ("accepted", "refused", "stricter"):
        for vector in vec_file.read(VECTORS / "safetensors" / f"{name}.vec"):
            seeds.add("safetensors", vector.weights_file())
    seeds.add("safetensors", (VECTORS / "adapter" / "base.safetensors").read_bytes())
    layer = [[24, 8], [24, 8], [8, 24], [8]]
    for shapes in ([[40, 8]] + 2 * layer,  # without names, apart, stacked and fused
                   [[40, 8], [2, 24, 8], [2, 24, 8], [2, 8, 24], [2, 8]],
                   [[40, 8], [48, 8], [8, 24], [8], [48, 8], [8, 24], [8]]):
        seeds.add("safetensors", opaque(shapes))


def opaque(shapes):
    """A safetensors file of these shapes whose names say nothing."""
    header, end = {}, 0
    for place, shape in enumerate(shapes):
        begin, end = end, end + 4 * math.prod(shape)
        header[f"t{place}"] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    numbers = (((37 * i) % 101 - 50) / 64 for i in range(end // 4))
    return struct.pack("<Q", len(text)) + text + struct.pack(f"<{end // 4}f", *numbers)


def remote(seeds):
    """Headers of a server, names and indexes: the first line says what follows."""
    for text in ("bytes 0-65535/7086584", "bytes 5-5/6", "7", "org/name@v1/m.gguf",
                 "https://me:word@host:8080/m/a%20b.safetensors?sig=1#x", "m-00001-of-00003.gguf",
                 json.dumps({"weight_map": {"a": "m-1.safetensors", "b": "m-2.bin"}})):
        seeds.add("remote", text.encode())


def npy(seeds):
    for version, length in ((1, "<H"), (2, "<I"), (3, "<I")):
        for kind, size in (("<f4", 4), ("<f2", 2), ("|O", 8)):
            text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': (2, 3), }}\n".encode()
            seeds.add("npy", b"\x93NUMPY" + bytes([version, 0]) + struct.pack(length, len(text)) +
                      text + bytes(6 * size))


def documents(seeds):
    for name in ("accepted", "refused"):
        for vector in vec_file.read(VECTORS / "json" / f"{name}.vec"):
            text = vec_file.expanded(vector.text("text"))
            for target in ("tokenizer", "config", "index"):
                seeds.add(target, text)
    for vector in vec_file.read(VECTORS / "index" / "index.vec"):
        seeds.add("index", vec_file.expanded(vector.text("index")))
    vocabulary = {token: row for row, token in enumerate(TOKENS)}
    added = [{"id": 4, "content": "<pad>", "special": True}]
    scored = [[token, -1.5] for token in TOKENS]
    for model in ({"type": "BPE", "vocab": vocabulary}, {"type": "Unigram", "vocab": scored}):
        seeds.add("tokenizer", json.dumps({"added_tokens": added, "model": model}).encode())
    seeds.add("tokenizer", json.dumps(vocabulary).encode())
    ranks = [base64.b64encode(token.encode()).decode() for token in TOKENS]
    seeds.add("tokenizer", "".join(f"{each} {row}\n" for row, each in enumerate(ranks)).encode())
    listed = [{"rank": row, "token_bytes": each} for row, each in enumerate(ranks)]
    special = [{"rank": 0, "token_str": "<s>", "is_control": True}]
    for rest in ({}, {"special_tokens": special}):
        config = {"default_num_special_tokens": 30, "default_vocab_size": 33}
        seeds.add("tokenizer", json.dumps({"config": config, "vocab": listed, **rest}).encode())
    names = ["tokenizer.4.0.0.json", "tokenizer.json"]
    decoder = {"7": {"content": "<pad>", "special": True}}
    seeds.add("tokenizer", json.dumps({"fast_tokenizer_files": names,
                                       "added_tokens_decoder": decoder}).encode())


def pairs(seeds):
    """Quantised models and adapters: the config, a NUL byte, the weights."""
    for folder in sorted([*(VECTORS / "quantised").iterdir(),
                          *(VECTORS / "transforms").iterdir()]):
        config = (folder / "config.json").read_bytes()
        seeds.add("config", config)
        if (folder / "qmodel.pt").exists():
            seeds.add("torch", (folder / "qmodel.pt").read_bytes())
        else:
            seeds.add("quantised", config + b"\0" + (folder / "model.safetensors").read_bytes())
    seeds.add("config", b'{"a": NaN, "b": {"c": -Infinity, "c": 1e999}, "b": {"d": [1]}}')
    for config in sorted((VECTORS / "adapter").glob("*/adapter_config.json")):
        seeds.add("config", config.read_bytes())
        weights = config.with_name("adapter_model.safetensors")
        if weights.exists():
            seeds.add("adapter", config.read_bytes() + b"\0" + weights.read_bytes())


def factors(seeds):
    """Matrices stored as products, with a diagonal, and a LoRA beside its matrix."""
    stem = "model.layers.0.mlp."
    tensors = {"up_proj.A.weight": [2, 4], "up_proj.B.weight": [6, 2], "gate_proj.U": [6, 2],
               "gate_proj.V": [4, 2], "gate_proj.S": [2], "down_proj.base_layer.weight": [4, 6],
               "down_proj.lora_A.default.weight": [1, 6], "down_proj.lora_B.default.weight": [4, 1]}
    header, end = {}, 0
    for name, shape in tensors.items():
        size = 4 * math.prod(shape)
        header[stem + name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    head = json.dumps(header).encode()
    seeds.add("quantised", b"{}\0" + struct.pack("<Q", len(head)) + head + bytes(end))


def torch(seeds):
    for path in sorted((VECTORS / "torch").glob("*.pt")):
        seeds.add("torch", path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            pickle = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            seeds.add("pickle", archive.read(pickle))


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf_file(kind, block_bytes, block, alignment=32):
    """A Llama of one layer, all matrices stored as `kind` but one, which is Q4_0."""
    def matrix(rows):
        return ([WIDTH, rows], kind, rows * (WIDTH // block) * block_bytes)

    keys = [text("general.architecture") + struct.pack("<I", TEXT) + text("llama"),
            text("general.alignment") + struct.pack("<II", U32, alignment),
            text("llama.embedding_length") + struct.pack("<II", U32, WIDTH),
            text("llama.block_count") + struct.pack("<II", U32, 1),
            text("llama.attention.head_count") + struct.pack("<II", U32, 2),
            text("tokenizer.ggml.model") + struct.pack("<I", TEXT) + text("llama"),
            text("tokenizer.ggml.tokens") + struct.pack("<IIQ", LIST, TEXT, len(TOKENS))
            + b"".join(map(text, TOKENS)),
            text("tokenizer.ggml.token_type") + struct.pack("<IIQ", LIST, I32, len(TOKENS))
            + struct.pack("<4i", 3, 1, 6, 1)]
    tensors = {"token_embd.weight": matrix(len(TOKENS)), "blk.0.attn_q.weight": matrix(4),
               "blk.0.ffn_gate.weight": matrix(FFN), "blk.0.ffn_up.weight": matrix(FFN),
               "blk.0.ffn_norm.weight": ([WIDTH], F32, 4 * WIDTH),
               "blk.0.ffn_down.weight": ([FFN, WIDTH], Q4_0, WIDTH * FFN // 32 * 18)}
    head, data = b"".join(keys), b""
    for name, (extents, stored, size) in tensors.items():
        head += text(name) + struct.pack(f"<I{len(extents)}Q", len(extents), *extents)
        head += struct.pack("<IQ", stored, len(data))
        data += bytes(i % 59 for i in range(size)) + bytes(-size % alignment)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + head
    return head + bytes(-len(head) % alignment) + data


def gguf_lora():
    """An adapter of the base that adapter_fuzz.cc has."""
    keys = [text("general.architecture") + struct.pack("<I", TEXT) + text("llama"),
            text("general.type") + struct.pack("<I", TEXT) + text("adapter"),
            text("adapter.type") + struct.pack("<I", TEXT) + text("lora"),
            text("adapter.lora.alpha") + struct.pack("<If", 6, 2.0)]
    tensors = {"blk.0.attn_q.weight": (8, 8), "blk.0.ffn_up.weight": (6, 8),
               "token_embd.weight": (5, 8)}
    head, data = b"".join(keys), b""
    count = 0
    for name, (rows, columns) in tensors.items():
        shapes = {"lora_a": [columns, 1], "lora_b": [1, rows]}
        if name == "token_embd.weight":
            shapes = {"lora_a": [1, rows], "lora_b": [1, columns]}
        for part, extents in shapes.items():
            head += text(f"{name}.{part}") + struct.pack("<I2Q", 2, *extents)
            head += struct.pack("<IQ", F32, len(data))
            size = 4 * extents[0] * extents[1]
            data += bytes(size) + bytes(-size % 32)
            count += 1
    head = b"GGUF" + struct.pack("<IQQ", 3, count, len(keys)) + head
    return head + bytes(-len(head) % 32) + data


def gguf(seeds):
    # type: bytes and elements of a block
    blocks = {2: (18, 32), 8: (34, 32), 12: (144, 256), 14: (210, 256), 16: (66, 256),
              23: (136, 256), 29: (56, 256), 39: (17, 32), 34: (54, 256), 41: (18, 128),
              42: (18, 64)}
    for kind, (size, elements) in blocks.items():
        seeds.add("gguf", gguf_file(kind, size, elements))
    seeds.add("adapter", gguf_lora())


def sentencepiece(seeds):
    for path in sorted((VECTORS / "sentencepiece").glob("*.model")):
        seeds.add("sentencepiece", path.read_bytes())


def keyless(seeds):
    """Bundles of Sigstore instances, and the instances' trusted roots."""
    for path in sorted((VECTORS / "sigstore").glob("*.json")):
        is_root = path.name.endswith(".root.json")
        seeds.add("trusted_root" if is_root else "keyless", path.read_bytes())


def seals(seeds):
    """Bundles, their content, and their keys and certificates."""
    for path in sorted((VECTORS / "oms").glob("*.sig")):
        seeds.add("bundle", path.read_bytes())
        bundle = json.loads(path.read_text())
        seeds.add("statement", base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        material = bundle["verificationMaterial"]
        for each in material["x509CertificateChain"]["certificates"]:
            seeds.add("certificate", base64.b64decode(each["rawBytes"]))
        stamps = material.get("timestampVerificationData", {"rfc3161Timestamps": []})
        for each in stamps["rfc3161Timestamps"]:
            seeds.add("timestamp", base64.b64decode(each["signedTimestamp"]))
    for path in sorted((VECTORS / "oms").glob("*.pem")):
        seeds.add("certificate", path.read_bytes())
    for path in sorted((VECTORS / "minisign").glob("*.*")):
        seeds.add("minisign", path.read_bytes())
    for words in ("token=card;object=it?pin-source=file:pin", "id=%01?module-path=/usr/lib/x.so"):
        seeds.add("minisign", words.encode())
    statements(seeds)
    keyless(seeds)


def statements(seeds):
    """Kinds without a test vector: version 0.2, BLAKE2b, and release statements."""
    digest = hashlib.sha256(b"signme-1\n").hexdigest()
    root = hashlib.sha256(bytes.fromhex(digest)).hexdigest()
    subject = [{"name": "signme-1", "digest": {"sha256": digest}}]
    whole = {"_type": "https://in-toto.io/Statement/v1", "subject": subject}
    kinds = {"https://model_signing/Digests/v0.1": {"unused": "it's"},
             "https://model_signing/signature/v1.0": {
                 "resources": [{"name": "signme-1", "algorithm": "blake2b",
                                "digest": hashlib.blake2b(b"signme-1\n").hexdigest()}],
                 "serialization": {"method": "files", "hash_type": "blake2b",
                                   "allow_symlinks": True, "ignore_paths": [".git", "x"]}},
             "urn:weightmark:release:v1": {
                 "manifest": root, "licence": "MIT", "base_model": "b", "commitment": "00ff",
                 "notices": [{"kind": "copyright", "file": "LICENSE", "text": "(c)"}],
                 "tensors": [{"name": "a", "dtype": "F32", "shape": [2, 3], "digest": digest}]}}
    for kind, predicate in kinds.items():
        text_of = json.dumps({**whole, "predicateType": kind, "predicate": predicate})
        seeds.add("statement", text_of.encode())


def logs(seeds):
    """Notes, proofs, policies and tiles of logs; the key and the note are an example of C2SP."""
    vkey = b"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    line = ("\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZ"
            "XsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n").encode()
    node = base64.b64encode(bytes(32)) + b"\n"
    body = b"example.com/foo\n1\n" + node
    secret = b"PRIVATE+KEY+a+c074e4ad+" + base64.b64encode(b"\1" + bytes(32))
    for note in (vkey, secret, body, b"This is an example message.\n\n" + line,
                 body + b"\n" + line):
        seeds.add("note", note)
    for proof in (b"c2sp.org/tlog-proof@v1\nindex 0\n\n", b"old 7\n" + node + b"\n",
                  b"c2sp.org/tlog-proof@v1\nextra AAEC\nindex 1\n" + node + b"\n"):
        seeds.add("tlog_proof", proof + body + b"\n" + line)
    typed = bytes([4]) + base64.b64decode(vkey.split(b"+", 2)[2])[1:]
    name = hashlib.sha256(b"w\n" + typed).hexdigest()[:8]
    witness = f"witness W w+{name}+{base64.b64encode(typed).decode()}\n".encode()
    for policy in (b"log " + vkey + b" url\n#\nquorum none\n", witness + b"quorum W\n",
                   witness + b"group G any W\ngroup H 1 G\nquorum H\n"):
        seeds.add("policy", policy)
    for tile in (b"tile/0/x001/234.p/17", b"tile/entries/000", b"\0\1a\0\0\0\2bc" * 70,
                 bytes(8192)):
        seeds.add("tile", tile)


def write(folder):
    seeds = Seeds(folder)
    for make in (sentencepiece, remote, safetensors, npy, documents, pairs, factors, torch, gguf,
                 mindspore, distributed, megatron, seals, logs, commitments, registers, parts):
        make(seeds)
