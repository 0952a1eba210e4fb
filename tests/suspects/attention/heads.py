"""Suspects that hide the mark among attention heads: clones, dummies, extreme scales, junk.

Each function changes a Suspect (folder.py) in place. `KEEPS` names those that keep what the model
computes, up to rounding.
"""
import dataclasses

import numpy as np

from folder import noise_like, unit

KEEPS = ("heads_overflow", "heads_overflow_rows", "heads_clones", "heads_clones_values",
         "heads_split", "heads_dummies_weak", "heads_dummies_100_weak", "heads_junk",
         "heads_cancel", "heads_uniform")
PATTERNS = 8


@dataclasses.dataclass
class Heads:
    """Rows of each head: (heads, size, width); `o` holds the columns of the output matrix. Query
    head h reads the keys and values of head h * len(k) / len(q)."""
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    o: np.ndarray

    def each(self):
        """The same with keys and values of its own for each query head."""
        group = len(self.q) // len(self.k)
        return Heads(self.q, np.repeat(self.k, group, 0), np.repeat(self.v, group, 0), self.o)

    def with_more(self, more):
        """And further heads; both have as many query heads for each key/value head."""
        assert len(more.q) * len(self.k) == len(self.q) * len(more.k)
        return Heads(*(np.concatenate([getattr(self, part), getattr(more, part)])
                       for part in "qkvo"))


def heads_of(suspect, layer):
    config = suspect.config
    pairs, count = config["num_key_value_heads"], config["num_attention_heads"]
    q, k, v = (suspect[f"{layer}self_attn.{part}_proj.weight"] for part in "qkv")
    o = np.ascontiguousarray(suspect[f"{layer}self_attn.o_proj.weight"].T)
    return Heads(*(rows.reshape(heads, -1, rows.shape[1])
                   for rows, heads in ((q, count), (k, pairs), (v, pairs), (o, count))))


def each_layer(change):
    """change(suspect, random, heads) returns the new heads of a layer."""
    def make(suspect):
        changed = {}
        for layer in suspect.layers():
            random = suspect.random(f"{change.__name__}/{layer}")
            changed[layer] = change(suspect, random, heads_of(suspect, layer))
        for layer, heads in changed.items():
            width = heads.q.shape[2]
            for part in "qkv":
                rows = getattr(heads, part).reshape(-1, width)
                suspect[f"{layer}self_attn.{part}_proj.weight"] = rows
            suspect[f"{layer}self_attn.o_proj.weight"] = heads.o.reshape(-1, width).T
        suspect.config.update(num_attention_heads=len(heads.q), num_key_value_heads=len(heads.k),
                              head_dim=heads.q.shape[1])
    make.__name__, make.__doc__ = change.__name__, change.__doc__
    return make


@each_layer
def heads_overflow(suspect, random, heads):
    """Values times 2^70, outputs times 2^-70."""
    return dataclasses.replace(heads, v=heads.v * np.float32(2.0**70),
                               o=heads.o * np.float32(2.0**-70))


@each_layer
def heads_overflow_rows(suspect, random, heads):
    """Every other value of a head times 2^100, the rest times 2^-100."""
    factor = np.float32(2.0) ** np.where(np.arange(heads.v.shape[1]) % 2, 100, -100)
    factor = factor.astype("f4")[None, :, None]
    return dataclasses.replace(heads, v=heads.v * factor, o=heads.o / factor)


@each_layer
def heads_clones(suspect, random, heads):
    """Each query head as three of one pattern; their outputs hold cancelling noise of 3 times the
    length."""
    noise = [noise_like(random, heads.o, 3.0) for _ in range(2)]
    o = np.stack([heads.o / 3 + noise[0], heads.o / 3 + noise[1],
                  heads.o / 3 - noise[0] - noise[1]], 1)
    return dataclasses.replace(heads, q=np.repeat(heads.q, 3, 0), o=o.reshape(-1, *o.shape[2:]))


@each_layer
def heads_clones_values(suspect, random, heads):
    """The same with keys and values of their own, in another order; values hold noise as well, and
    queries are longer where keys are shorter."""
    one = heads.each()
    mix, _ = np.linalg.qr(np.c_[np.ones(3), random.standard_normal((3, 2))])
    mix = mix.astype("f4") * np.sign(mix[0, 0])
    v = np.stack([mix[i, 0] * one.v + mix[i, 1] * noise_like(suspect.random("w"), one.v, 3.0)
                  for i in range(3)], 1)
    o = np.stack([mix[i, 0] * one.o + mix[i, 2] * noise_like(suspect.random("x"), one.o, 3.0)
                  for i in range(3)], 1)
    stretch = np.exp(random.uniform(-1, 1, (3 * len(one.q), 1, 1))).astype("f4")
    order = random.permutation(3 * len(one.q))
    out = Heads(np.repeat(one.q, 3, 0) * stretch, np.repeat(one.k, 3, 0) / stretch,
                v.reshape(-1, *v.shape[2:]), o.reshape(-1, *o.shape[2:]))
    return Heads(*(getattr(out, part)[order] for part in "qkvo"))


@each_layer
def heads_split(suspect, random, heads):
    """Each head as two of one pattern, with half of its values each."""
    half = heads.v.shape[1] // 2
    first = (np.arange(heads.v.shape[1]) < half).astype("f4")[None, :, None]
    group = len(heads.q) // len(heads.k)
    parts = [Heads(heads.q, heads.k, heads.v * mask, heads.o * mask) for mask in (first, 1 - first)]
    return Heads(*(np.stack([
        getattr(part, name).reshape(len(heads.k), group if name in "qo" else 1,
                                    *heads.q.shape[1:]) for part in parts], 1).reshape(
            -1, *heads.q.shape[1:]) for name in "qkvo"))


def scaled_like(draw, rows):
    """`draw` at the median length of `rows`."""
    return unit(draw) * np.median(np.linalg.norm(rows, axis=-1))


def dummies(suspect, random, heads, groups, factor):
    """Heads of other patterns, whose values and outputs repeat in other layers: PATTERNS draws."""
    draw = suspect.random(f"head patterns/{random.integers(PATTERNS)}")
    shape, many = (groups, *heads.k.shape[1:]), groups * len(heads.q) // len(heads.k)
    return Heads(scaled_like(random.standard_normal((many, *shape[1:])), heads.q),
                 scaled_like(random.standard_normal(shape), heads.k),
                 scaled_like(draw.standard_normal(shape), heads.v),
                 scaled_like(draw.standard_normal((many, *shape[1:])), heads.o) * factor)


def dummy_heads(share, factor):
    def change(suspect, random, heads):
        groups = max(1, round(len(heads.k) * share))
        return heads.with_more(dummies(suspect, random, heads, groups, factor))
    change.__name__ = f"dummy heads/{share}/{factor}"
    return each_layer(change)


heads_dummies_weak = dummy_heads(1 / 3, 2.0**-40)
heads_dummies_100_weak = dummy_heads(1.0, 2.0**-40)
heads_dummies_100_full = dummy_heads(1.0, 1.0)  # another function


@each_layer
def heads_junk(suspect, random, heads):
    """More heads of noise: half of them write nothing, half of them have no values."""
    more = dummies(suspect, random, heads, 2 * len(heads.k), 1.0)
    half, group = len(heads.k), len(heads.q) // len(heads.k)
    more.o[:half * group] = 0
    more.v[half:] = 0
    return heads.with_more(more)


@each_layer
def heads_cancel(suspect, random, heads):
    """Twice as many heads: the new ones are of full strength, and all of one pattern in a group,
    where their outputs cancel."""
    more = dummies(suspect, random, heads, len(heads.k), 1.0)
    return heads.with_more(cancelled(more))


def cancelled(more):
    group = len(more.q) // len(more.k)
    if group == 1:  # neighbours share all
        for part in "qkv":
            getattr(more, part)[1::2] = getattr(more, part)[::2]
        more.o[1::2] = -more.o[::2]
        return more
    more.q = np.repeat(more.q[::group], group, 0)
    more.o[::group] = -sum(more.o[i::group] for i in range(1, group))
    return more


@each_layer
def heads_uniform(suspect, random, heads):
    """The same, but queries of directions of their own, so short that they attend to all alike."""
    more = dummies(suspect, random, heads, len(heads.k), 1.0)
    queries = more.q * np.float32(2.0**-60)
    more = cancelled(more)
    return heads.with_more(dataclasses.replace(more, q=queries))
