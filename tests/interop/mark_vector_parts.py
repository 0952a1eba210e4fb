"""Vectors of frame, tags, sketch, licensees, rounding; for tests/vectors/make_mark_vectors.py."""
import struct

import numpy as np
import torch

UNIFORM = ("element i is (splitmix64(seed + i) >> 40) / 2^23 - 1 as float32, numbered row by row")


def uniform(ctss, seed, count):
    words = ctss.splitmix64(np.uint64(seed) + np.arange(count, dtype=np.uint64))
    return ((words >> np.uint64(40)).astype(np.float64) / 2**23 - 1).astype(np.float32)


def numbers(values):
    """Nested lists of the shortest decimals that read back to the same float32."""
    values = np.asarray(values, dtype=np.float32)
    if values.ndim == 0:
        return float(str(values))
    return [numbers(v) for v in values]


def signs_text(row):
    return "".join("+" if v > 0 else "-" if v < 0 else "0" for v in row.tolist())


def anchor(ctss, key, label, r):
    h = ctss.blake(key, b"anchor/" + label, 16)
    return struct.unpack("<I", h[:4])[0] % r, 1 if h[4] & 1 else -1


def tiny_labels(count):
    odd = ["\u0120the", "#12", "\u00e9", "\U0001f600", ""]
    return [(odd[t] if t < len(odd) else f"#{t}" if t % 7 == 0 else f"w{t}") for t in range(count)]


def tiny_embedding(ctss):
    """96 x 16; one row is zero and one is a thousand times longer than the others."""
    rows = np.round(uniform(ctss, 100, 96 * 16) * 64).reshape(96, 16) / np.float32(64)
    rows[5] = 0
    rows[6] *= 1000
    return torch.from_numpy(rows.astype(np.float32))


def frame(ctss, master):
    labels = tiny_labels(96)
    embedding = tiny_embedding(ctss)
    encoded = [label.encode() for label in labels]
    frames = []
    for name, wide in (("share/0", False), ("trace", True)):
        s = ctss.Structure(ctss.subkey(master, name), embedding, encoded, wide)
        entry = {"of": name, "key": s.key.hex(), "r": s.r, "P": numbers(s.frame)}
        if wide:
            entry["tag_P"] = numbers(s.tag_frame)
        frames.append(entry)
    # A trace frame that is larger than its tag frame is too long to list, so only its product with
    # one vector is stored.
    d, rows = 512, 4096
    wide = ctss.Structure(ctss.subkey(master, "trace"),
                          torch.from_numpy(uniform(ctss, 7, rows * d).reshape(rows, d)),
                          [b"#%d" % t for t in range(rows)], True)
    probe = torch.from_numpy(uniform(ctss, 9, d))
    return {"labels": labels, "embedding": numbers(embedding), "frames": frames,
            "wide": {"uniform": UNIFORM, "key": wide.key.hex(), "d": d, "rows": rows, "seed": 7,
                     "labels": "'#' and the row number", "probe_seed": 9, "r": wide.r,
                     "tag_rows": wide.tag_rows, "P_probe": numbers(wide.frame @ probe),
                     "tag_P_probe": numbers(wide.tag_frame @ probe)}}


def units(ctss, count, d, beyond):
    """Folded rows of a few units. Unit 3 is skipped (its up row is zero), unit 4 is huge, unit 5
    tiny; unit 6 is parallel to axes; unit 7 is parallel to `beyond`, a row of the frame: its
    coordinate there is sqrt(d), beyond the clamp of the sketch."""
    rows = {kind: uniform(ctss, 1000 * (i + 1), count * d).reshape(count, d)
            for i, kind in enumerate(ctss.KINDS)}
    for axis, kind in enumerate(ctss.KINDS):
        rows[kind] = np.round(rows[kind] * 256) / np.float32(256)
        rows[kind][4] *= np.float32(2**20)
        rows[kind][5] *= np.float32(2**-20)
        rows[kind][6] = 0
        rows[kind][6][axis] = 1
        rows[kind][7] = np.round(beyond.numpy() * 4096) / np.float32(4096)
    rows["up"][3] = 0
    return {kind: torch.from_numpy(rows[kind].astype(np.float32)) for kind in ctss.KINDS}


def tag_lists(ctss, s, read, soft):
    return {kind: numbers(s.tags(kind, read, soft)) for kind in ctss.KINDS}


def ungated_tags(ctss, s, read):
    """Section 4, last two rows of the table; the reference itself has only gated units."""
    out = {}
    for kind, other in (("up", "down"), ("down", "up")):
        a, b = s.pairs[kind]
        signs = [torch.where(read[other][:, x] >= 0, 1.0, -1.0) for x in (a, b)]
        out[kind] = numbers(signs[0] * signs[1])
    return out


def raw_sketch(ctss, s, Y, read, soft):
    """ctss.sketch without its guard, from coordinates that are already known."""
    return {kind: s.tags(kind, read, soft).T @ Y[kind].clamp(-4, 4) for kind in ctss.KINDS}


def guarded(ctss, s, V):
    return {k: ctss.clip(V[k] * s.open[k]) * s.open[k] for k in ctss.KINDS}


def sketches(ctss, s, rows):
    alive = torch.stack([rows[k].norm(dim=1) > 0 for k in ctss.KINDS]).all(dim=0)
    Y, read = {}, {}
    for kind in ctss.KINDS:
        Y[kind], _, read[kind] = s.coordinates(rows[kind][alive])
    C = ctss.carriers(s.key, s)
    entry = {"alive": [int(v) for v in alive], "y": {k: numbers(Y[k]) for k in ctss.KINDS},
             "carriers": {k: [signs_text(row) for row in C[k]] for k in ctss.KINDS}}
    if s.tag_frame is None:
        entry["tags_ungated"] = ungated_tags(ctss, s, read)
    else:
        entry["tag_y"] = {k: numbers(read[k]) for k in ctss.KINDS}
    for soft in (False, True):
        V = raw_sketch(ctss, s, Y, read, soft)
        after = guarded(ctss, s, V)
        entry["soft" if soft else "hard"] = {
            "tags": tag_lists(ctss, s, read, soft),
            "V": {k: numbers(V[k]) for k in ctss.KINDS},
            "V_guarded": {k: numbers(after[k]) for k in ctss.KINDS},
            "z": numbers(ctss.score([(after, C)]))}
    return entry


def tags_sketch(ctss, master):
    d, count, tokens = 32, 24, 400
    embedding = torch.from_numpy(uniform(ctss, 21, tokens * d).reshape(tokens, d))
    labels = [b"#%d" % t for t in range(tokens)]
    share = ctss.Structure(ctss.subkey(master, "share/0"), embedding, labels)
    trace = ctss.Structure(ctss.subkey(master, "trace"), embedding, labels, True)
    rows = units(ctss, count, d, share.frame[1])
    structures = []
    for name, s in (("share/0", share), ("trace", trace)):
        head = {"of": name, "key": s.key.hex(), "r": s.r, "m": s.m, "tag_rows": s.tag_rows,
                "P": numbers(s.frame)}
        if s.tag_frame is not None:
            head["tag_P"] = numbers(s.tag_frame)
        structures.append(head | sketches(ctss, s, rows))
    return {"uniform": UNIFORM, "d": d, "embedding_rows": tokens, "embedding_seed": 21,
            "labels": "'#' and the row number",
            "rows": {kind: numbers(rows[kind]) for kind in ctss.KINDS}, "structures": structures}


def licensee(ctss, master, names):
    d = 128  # r = m = 64: 12288 entries, so the code repeats three times
    key = ctss.subkey(master, "trace")
    embedding = torch.from_numpy(uniform(ctss, 3, 400 * d).reshape(400, d))
    s = ctss.Structure(key, embedding, [b"#%d" % t for t in range(400)], True)
    C = ctss.licensee_carriers(s, names[0])
    noise = torch.from_numpy(uniform(ctss, 11, 3 * s.m * s.r).reshape(3, s.m, s.r))
    V = {kind: noise[i] + 0.125 * C[kind] for i, kind in enumerate(ctss.KINDS)}
    sums = ctss.block_sums(s, V)
    codes = []
    for name in names:
        code = ctss.licensee_code(key, name)
        bits = np.packbits((code.numpy() > 0).astype(np.uint8), bitorder="little")
        codes.append({"id": name, "code": bits.tobytes().hex(),
                      "z": numbers((code @ sums / sums.norm()).item())})
    return {"key": key.hex(), "d": d, "r": s.r, "m": s.m, "uniform": UNIFORM,
            "V": "entry e is uniform(seed 11)[e] + 0.125 C_id[e] of the first licensee",
            "carriers_of_first": {k: [signs_text(row) for row in C[k][:4]] for k in ctss.KINDS},
            "licensees": codes, "block_sums": numbers(sums)}


# float32 bit patterns: zeros, ones, powers, values exact in bf16, halves, neighbours of a bf16
# value, the smallest and the largest normal and subnormal numbers, infinity.
PATTERNS = [0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x3F808000, 0xBF808000, 0x3F800001,
            0xBF800001, 0x3F80FFFF, 0xBF80FFFF, 0x3F81FFFF, 0x3FFFFFFF, 0xBFFFFFFF, 0x40490FDB,
            0xC0490FDB, 0x00000001, 0x80000001, 0x0000FFFF, 0x8000FFFF, 0x00010000, 0x007FFFFF,
            0x807FFFFF, 0x00800000, 0x80800000, 0x00800001, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F7F0000,
            0xFF7F0000, 0x7F7E8000, 0x7F800000, 0xFF800000, 0x3C23D70A, 0xBC23D70A, 0x3DCCCCCD,
            0xBDCCCCCD, 0x501502F9, 0xD01502F9, 0x2EDBE6FF, 0xAEDBE6FF]


def rounding(ctss, master):
    key = ctss.subkey(master, "share/0")
    tensors = []
    for name, shape in (("model.layers.0.mlp.gate_proj.weight", (6, 9)),
                        ("model.layers.11.mlp.down_proj.weight", (4, 16)), ("\u00e9", (3, 5))):
        count = shape[0] * shape[1]
        values = uniform(ctss, 50, count) * np.float32(0.05)
        fixed = np.array(PATTERNS, dtype=np.uint32)[:count]
        values[:len(fixed)] = fixed.view(np.float32)
        x = torch.from_numpy(values).reshape(shape)
        out = ctss.stochastic_bf16(x, key, name).view(torch.int16).numpy().view(np.uint16)
        seed = struct.unpack("<Q", ctss.blake(key, b"rounding/" + name.encode(), 16)[:8])[0]
        words = ctss.splitmix64(np.uint64(seed) + np.arange((count + 3) // 4, dtype=np.uint64))
        tensors.append({"name": name, "shape": list(shape), "seed": f"{seed:016x}",
                        "words": [f"{w:016x}" for w in words.tolist()],
                        "float32": [f"{b:08x}" for b in values.view(np.uint32).tolist()],
                        "bf16": [f"{b:04x}" for b in out.reshape(-1).tolist()]})
    states = [0, 1, 2, 0x9E3779B97F4A7C15, 2**63, 2**64 - 1]
    mixed = ctss.splitmix64(np.array(states, dtype=np.uint64))
    return {"key": key.hex(), "tensors": tensors,
            "splitmix64": [{"x": f"{x:016x}", "word": f"{w:016x}"}
                           for x, w in zip(states, mixed.tolist())]}
