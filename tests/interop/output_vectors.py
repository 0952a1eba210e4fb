"""Vectors of the output head (specs/output.md); for tests/vectors/make_mark_vectors.py."""
import struct

import numpy as np
import torch

from mark_vector_parts import UNIFORM, numbers, uniform

ROWS, WIDTH, PAIRS, ENERGY = 160, 16, 8, 0.25
LABELS = ["the", " the", "", "#0", "#151642", "\u00e9", "\U0001f600", "<|endoftext|>", "\n",
          "x" * 300]


def labels():
    """The last 32 rows have the labels of the first 16, twice."""
    return [f"w{t}" if t < 128 else f"w{t % 16}" for t in range(ROWS)]


def hashes(ctss, key):
    return [{"label": label, "hash": ctss.blake(key, b"output/" + label.encode(), 16).hex(),
             "slot": struct.unpack("<I", ctss.blake(key, b"output/slot/" + label.encode(), 4))[0]
             % ctss.CODE_BITS} for label in LABELS]


def directions(ctss, key):
    s = ctss.OutputStructure(key, [b"a"], WIDTH, PAIRS)
    return ["".join("+" if v > 0 else "-" for v in row) for row in s.directions.tolist()]


class Head:
    """What ctss.mark_output needs of a model with an untied head."""

    def __init__(self, weights):
        self.tensors = {"lm_head.weight": weights,
                        "model.embed_tokens.weight": torch.zeros(1, weights.shape[1])}


def words(tensor):
    return tensor.view(torch.int16).numpy().view(np.uint16)


def rows_of(ctss, seed, rows):
    return torch.from_numpy(uniform(ctss, seed, rows * WIDTH).reshape(rows, WIDTH))


def output(ctss, master, licensee):
    encoded = [label.encode() for label in labels()]
    keys = [ctss.subkey(master, f"share/{i}") for i in range(2)]
    trace = ctss.subkey(master, "trace")
    marked = Head(rows_of(ctss, 31, ROWS).to(torch.bfloat16))
    structures = [ctss.OutputStructure(key, encoded, WIDTH, PAIRS) for key in keys]
    ctss.mark_output(marked, structures, keys[0], ENERGY)
    once = marked.tensors["lm_head.weight"].clone()
    rounding = ctss.blake(trace, b"rounding/" + licensee.encode(), 32)
    ctss.mark_output(marked, [ctss.licensee_output(trace, licensee, encoded, WIDTH, PAIRS)],
                     rounding, ENERGY)
    twice = marked.tensors["lm_head.weight"]
    readings = []
    rows = (twice.float() - twice.float().mean(dim=0)).T.contiguous()
    for pairs in (4, 8, 16, 32, 64):
        each = [ctss.OutputStructure(key, encoded, WIDTH, pairs) for key in keys]
        sums = ctss.output_sums(rows, trace, encoded, pairs)
        code = ctss.output_code(trace, licensee)
        readings.append({"pairs": pairs,
                         "z": numbers(ctss.output_score(rows, each)),
                         "z_by_share": [numbers(ctss.output_score(rows, [s])) for s in each],
                         "licensee": numbers((code @ sums / sums.norm()).item())})
    hidden = rows_of(ctss, 77, 24)
    logits = hidden @ twice.float().T
    each = [ctss.OutputStructure(key, encoded, WIDTH, PAIRS) for key in keys]
    by_rank = [{"rank": rank, "z": numbers(ctss.output_of_logits(logits, each, rank))}
               for rank in (16, 12)]
    few = [{"rows": rows, "z": numbers(ctss.output_of_logits(logits[:rows], each, 16))}
           for rows in (6, 12)]
    bits = np.packbits((ctss.output_code(trace, licensee).numpy() > 0).astype(np.uint8),
                       bitorder="little")
    expected = [{"rows": v, "width": d, "shares": s, "pairs": ctss.output_pairs(v, d, s)}
                for v, d, s in ((49152, 576, 1), (49152, 576, 3), (151936, 896, 1),
                                (262144, 640, 1), (32000, 4096, 1), (32000, 4096, 4),
                                (3000, 256, 1), (128256, 8192, 2))]
    return {"keys": [key.hex() for key in keys], "trace": trace.hex(), "labels": labels(),
            "uniform": UNIFORM, "hashes": hashes(ctss, keys[0]),
            "directions": directions(ctss, keys[0]), "rows": ROWS, "width": WIDTH,
            "pairs": PAIRS, "energy": ENERGY,
            "head": "uniform(seed 31) rounded to bf16; tensor lm_head.weight",
            "marked": [f"{w:04x}" for w in words(once).reshape(-1).tolist()],
            "licensee": licensee, "code": bits.tobytes().hex(),
            "marked_twice": [f"{w:04x}" for w in words(twice).reshape(-1).tolist()],
            "readings": readings,
            "logits": "24 rows: uniform(seed 77) of 24 x width times the head marked twice",
            "by_rank": by_rank, "few_rows": few, "chosen_pairs": expected}
