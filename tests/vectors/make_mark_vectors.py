#!/usr/bin/env python3
"""Writes tests/vectors/mark: small test vectors of ctss-v1 from its Python reference.

  make_mark_vectors.py PATH/TO/ctss.py [OUT_DIR]

Needs numpy, torch and safetensors. This program chooses the inputs, calls the reference and writes
its results. Floats are float32 in their shortest decimal form, so reading one and converting it to
float32 gives the same number. The files state how inputs too long to list are generated
("uniform"). Run it again only when the scheme gets a new name.
"""
import base64
import hashlib
import importlib.util
import json
import pathlib
import sys

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))
import head_vector_parts  # noqa: E402
import mark_vector_parts as parts  # noqa: E402
import output_vectors  # noqa: E402
import tiny_checkpoint  # noqa: E402

KEYS = [bytes(range(32)), bytes(32), hashlib.sha256(b"weightmark vectors").digest()]
LICENSEES = ["acme", "Acme", "two words", "\u682a\u5f0f\u4f1a\u793e \u00e9", "#12", "x" * 200]
PURPOSES = ["pairs/gate", "pairs/up", "pairs/down", "carrier/gate", "carrier/up", "carrier/down",
            "code", "rounding"]


def load_reference(path):
    spec = importlib.util.spec_from_file_location("ctss", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # The guard in double precision: where a tag occurs twice, float32 leaves singular values that
    # are rounding alone, above the limit under which they do not count.
    clip = module.clip
    module.clip = lambda sketch: clip(sketch.double()).float()
    return module


def text_of(document, indent=""):
    """JSON with every list of plain values on one line, so that diffs show which row changed."""
    inner = indent + " "
    if isinstance(document, dict):
        items = [f"{inner}{json.dumps(k)}: {text_of(v, inner)}" for k, v in document.items()]
        return "{\n" + ",\n".join(items) + "\n" + indent + "}" if items else "{}"
    if isinstance(document, list) and any(isinstance(v, (dict, list)) for v in document):
        return "[\n" + ",\n".join(inner + text_of(v, inner) for v in document) + "\n" + indent + "]"
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def fingerprint(master):
    digest = hashlib.blake2b(b"weightmark/ctss-v1/fingerprint", key=master, digest_size=32).digest()
    return "wm1" + base64.b32encode(digest[:20]).decode().lower()


def keys(ctss):
    out = []
    for master in KEYS:
        trace = ctss.subkey(master, "trace")
        out.append({
            "master": master.hex(),
            "fingerprint": fingerprint(master),
            "shares": [ctss.subkey(master, f"share/{i}").hex() for i in range(4)],
            "trace": trace.hex(),
            "tags": ctss.blake(trace, b"tags", 32).hex(),
            "licensees": [{"id": name,
                           "key": ctss.blake(trace, b"licensee/" + name.encode(), 32).hex()}
                          for name in LICENSEES]})
    return {"keys": out}


def structure(ctss, key, d, wide):
    """Pairs and closed entries without a model; the embedding is only needed for a frame."""
    embedding = torch.from_numpy(parts.uniform(ctss, 0, 12 * d * d).reshape(12 * d, d))
    return ctss.Structure(key, embedding, [b"#%d" % t for t in range(12 * d)], wide)


def streams(ctss):
    share, trace = (ctss.subkey(KEYS[0], label) for label in ("share/0", "trace"))
    out = {"key": share.hex(), "streams": [], "structures": []}
    for purpose in PURPOSES:
        out["streams"].append({"purpose": purpose, "bytes": ctss.stream(share, purpose, 64).hex()})
    out["streams"].append({"purpose": "carrier/gate",
                           "bytes": ctss.stream(share, "carrier/gate", 200).hex()})
    for d in (64, 576):
        for name, key, wide in (("share/0", share, False), ("trace", trace, True)):
            s = structure(ctss, key, d, wide)
            signs = ctss.carriers(key, s)
            out["structures"].append({
                "key": key.hex(), "of": name, "d": d, "r": s.r, "m": s.m, "tag_rows": s.tag_rows,
                "pairs": {kind: {"a": a.tolist(), "b": b.tolist()}
                          for kind, (a, b) in s.pairs.items()},
                "carrier_rows": {kind: [parts.signs_text(row) for row in signs[kind][:4]]
                                 for kind in ctss.KINDS}})
    return out


def anchors(ctss):
    key = ctss.subkey(KEYS[0], "share/0")
    labels = ["the", "\u0120the", "\u2581the", "\u0120", " ", "", "#0", "#12", "#151642", "12",
              "\u00e9", "e\u0301", "\u4f60\u597d", "\U0001f600", "<|endoftext|>", "<0x0A>", "\n",
              "a b", "\"", "\\", "\\n", "\t", "x" * 300]
    out = []
    for label in labels:
        groups = {}
        for r in (16, 128):
            groups[r], sign = parts.anchor(ctss, key, label.encode(), r)
        out.append({"label": label, "group_16": groups[16], "group_128": groups[128],
                    "sign": sign})
    return {"key": key.hex(), "anchors": out}


def main():
    ctss = load_reference(sys.argv[1])
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "mark"
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # a fixed order of summation
    documents = {"keys": keys(ctss), "streams": streams(ctss), "anchors": anchors(ctss),
                 "frame": parts.frame(ctss, KEYS[0]),
                 "tags_sketch": parts.tags_sketch(ctss, KEYS[0]),
                 "heads": head_vector_parts.heads(ctss, KEYS[0]),
                 "licensee": parts.licensee(ctss, KEYS[0], LICENSEES),
                 "rounding": parts.rounding(ctss, KEYS[0]),
                 "output": output_vectors.output(ctss, KEYS[0], LICENSEES[0])}
    for name, document in documents.items():
        head = {"schema": f"weightmark/vectors/mark/{name}/v1"}
        (out / f"{name}.json").write_text(text_of(head | document) + "\n")
    expected = tiny_checkpoint.make(ctss, sys.argv[1], out)
    (out / "expected.json").write_text(text_of(expected) + "\n")


if __name__ == "__main__":
    main()
