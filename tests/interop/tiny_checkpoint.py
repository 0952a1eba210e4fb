"""The tiny checkpoint of the vectors, plain and marked, and z of both by the reference.

For tests/vectors/make_mark_vectors.py.
"""
import subprocess
import sys

import torch

import small_model

KEY = "5765696768746d61726b2074696e79206d6f64656c206b657920666f72207473"
WRONG = "00" * 31 + "01"
EPS, SHARES, LICENSEE = 0.03, 2, "acme"


def soft_and_hard(read):
    return {"hard": read(False), "soft": read(True)}


def shares(ctss, model, master, soft):
    pairs = []
    for i in range(SHARES):
        key = ctss.subkey(master, f"share/{i}")
        s = ctss.Structure(key, model.embedding, model.labels)
        pairs.append((ctss.sketch(model, s, soft), ctss.carriers(key, s)))
    return {"shares": [ctss.score([pair]) for pair in pairs], "total": ctss.score(pairs)}


def trace(ctss, model, master, soft):
    s = ctss.Structure(ctss.subkey(master, "trace"), model.embedding, model.labels, wide=True)
    sums = ctss.block_sums(s, ctss.sketch(model, s, soft))
    return {name: (ctss.licensee_code(s.key, name) @ sums / sums.norm()).item()
            for name in (LICENSEE, "Acme", "nobody")}


def readings(ctss, folder):
    model = ctss.Model(folder)
    out = {}
    for name, key in (("right_key", KEY), ("wrong_key", WRONG)):
        master = bytes.fromhex(key)
        out[name] = {"ownership": soft_and_hard(lambda soft: shares(ctss, model, master, soft)),
                     "trace": soft_and_hard(lambda soft: trace(ctss, model, master, soft))}
    return out


def change(ctss, plain, marked):
    """||delta w|| / ||w|| of the folded tensors, and how many stored words changed."""
    before, after = ctss.Model(plain), ctss.Model(marked)
    moved = weight = 0.0
    words = changed = 0
    for names, gain in before.units():
        old, new = before.folded(names, gain), after.folded(names, gain)
        for kind in ctss.KINDS:
            moved += (new[kind] - old[kind]).pow(2).sum().item()
            weight += old[kind].pow(2).sum().item()
            differs = before.tensors[names[kind]] != after.tensors[names[kind]]
            words += differs.numel()
            changed += int(differs.sum())
    return {"relative_change": (moved / weight) ** 0.5, "weights": words, "changed": changed}


def make(ctss, ctss_path, out):
    plain, marked = out / "tiny-plain", out / "tiny-marked"
    small_model.write(plain, d=64, layers=2, f=192, vocabulary=512, seed=135)
    subprocess.run([sys.executable, ctss_path, "mark", plain, marked, "--key", KEY, "--eps",
                    str(EPS), "--shares", str(SHARES), "--sites", "ffn", "--licensee", LICENSEE],
                   check=True)
    torch.set_num_threads(1)
    labels = [label.decode() for label in ctss.Model(plain).labels]
    return {"schema": "weightmark/vectors/mark/expected/v1", "key": KEY, "wrong_key": WRONG,
            "strength": EPS, "share_count": SHARES, "licensee": LICENSEE, "units": 2 * 192,
            "labels": labels, "marking": change(ctss, plain, marked),
            "tiny-plain": readings(ctss, plain), "tiny-marked": readings(ctss, marked)}
