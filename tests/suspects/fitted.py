"""A release that was fitted to a public ancestor: a claimant's lie, not a suspect's.

The token rows of the ancestor are turned a little so that the frame of the key finds a mark in the
ancestor, which holds none. Sections of specs/mark.md (frame, tags, carriers), for one share.
"""
import hashlib
import struct

import numpy as np

from folder import EMBEDDING, HEAD, unit
from tokenizers import bytes_by_id

KINDS = ("gate", "up", "down")


def blake(key, data, size):
    return hashlib.blake2b(data, key=key, digest_size=size).digest()


def stream(key, purpose, size):
    return b"".join(blake(key, purpose + struct.pack("<Q", counter), 64)
                    for counter in range(-(-size // 64)))[:size]


def anchors(key, labels, r):
    """S (r, tokens): the sign of each token in the row of its group."""
    signs = np.zeros((r, len(labels)))
    for token, label in enumerate(labels):
        h = blake(key, b"anchor/" + label, 16)
        signs[struct.unpack("<I", h[:4])[0] % r, token] = 1 if h[4] & 1 else -1
    return signs


class Share:
    def __init__(self, master, suspect):
        self.key = blake(master, b"weightmark/ctss-v1/share/0", 32)
        half = 1 << (suspect.width // 2).bit_length() - 1
        self.r = self.m = min(128, half)
        plain, special = bytes_by_id(suspect)
        labels = {**dict(plain), **{number: name.encode() for number, name in special.items()}}
        count = len(suspect[EMBEDDING])
        self.signs = anchors(self.key, [labels.get(t, b"#%d" % t) for t in range(count)], self.r)

    def pairs(self, kind):
        raw = np.frombuffer(stream(self.key, b"pairs/" + kind.encode(), 4 * self.m), "<u2")
        raw = raw.astype(int)
        first = raw[::2] % self.r
        return first, (first + 1 + raw[1::2] % (self.r - 1)) % self.r

    def carriers(self, kind):
        data = stream(self.key, b"carrier/" + kind.encode(), self.m * self.r // 8)
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        out = bits.reshape(self.m, self.r) * 2.0 - 1
        for coordinates in self.pairs(kind):
            out[np.arange(self.m), coordinates] = 0
        return out


def root(matrix, power):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**power) @ vectors.T


def gradient(share, suspect, frame):
    """The derivative of the sum of all scores by the frame, tags held fixed (r, width)."""
    total = np.zeros_like(frame)
    for layer in suspect.layers():
        norm = suspect[f"{layer}post_attention_layernorm.weight"]
        gate, up, down = suspect.neurons(layer)
        rows = {kind: unit(values.astype("f8")) * np.sqrt(suspect.width)
                for kind, values in zip(KINDS, (gate * norm, up * norm, down))}
        side = {kind: np.where(values @ frame.T >= 0, 1.0, -1.0) for kind, values in rows.items()}
        for kind in KINDS:
            first, second = (other for other in KINDS if other != kind)
            a, b = share.pairs(kind)
            tags = side[first][:, a] * side[second][:, b]
            total += share.carriers(kind).T @ (tags.T @ rows[kind])
    return total


def fitted_release(suspect, turned=0.005):
    """Turns the token rows by this share of their length; the function hardly changes."""
    share = Share(suspect.key, suspect)
    table = suspect[EMBEDDING].astype("f8")
    length = np.linalg.norm(table, axis=1, keepdims=True)
    rows = table / np.maximum(length, 1e-30)
    centred = rows - rows.mean(0)
    G = share.signs @ centred
    towards = gradient(share, suspect, root(G @ G.T, -0.5) @ G)
    change = share.signs.T @ root(G @ G.T, 0.5) @ towards
    change *= turned * np.linalg.norm(rows) / np.linalg.norm(change)
    suspect[EMBEDDING] = (rows + change) * length
    if HEAD in suspect.tensors:
        suspect[HEAD] = suspect[EMBEDDING]
