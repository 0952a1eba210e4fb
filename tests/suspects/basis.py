"""Suspects that hide the mark by another basis of the residual stream, in part or in whole.

Each function changes a Suspect (folder.py) in place. `KEEPS` names those that keep what the model
computes, up to rounding.
"""
import numpy as np

from folder import EMBEDDING, FINAL_NORM, HEAD, READS_ATTENTION, READS_FFN, WRITES, noise_like
from neurons import insert_layer, permuted
from tokens import renamed_all

KEEPS = ("norms_folded", "rotated", "rotated_by_antisymmetric", "wider_plain", "wider_junk",
         "first_layer_turns")


def readers(suspect):
    """(norm, names of the matrices that read behind it), of all layers and of the head."""
    for layer in suspect.layers():
        yield (f"{layer}input_layernorm.weight",
               [f"{layer}{part}.weight" for part in READS_ATTENTION])
        yield (f"{layer}post_attention_layernorm.weight",
               [f"{layer}{part}.weight" for part in READS_FFN])
    yield FINAL_NORM, [HEAD]


def writers(suspect):
    return [f"{layer}{part}.weight" for layer in suspect.layers() for part in WRITES]


def untied(suspect):
    if HEAD not in suspect.tensors:
        suspect.tensors[HEAD] = suspect.tensors[EMBEDDING]
        suspect.config["tie_word_embeddings"] = False


def norms_folded(suspect):
    """All norm weights are 1; the matrices that read behind them hold them."""
    untied(suspect)
    for norm, names in readers(suspect):
        weights = suspect[norm]
        for name in names:
            suspect[name] = suspect[name] * weights
        suspect[norm] = np.ones_like(weights)


def orthogonal(random, width):
    q, r = np.linalg.qr(random.standard_normal((width, width)))
    return q * np.sign(np.diag(r))


def antisymmetric(random, width):
    """Orthogonal, with R^T = -R: no vector has anything in common with its image."""
    q = orthogonal(random, width)
    half = width // 2
    turn = np.zeros((width, width))
    turn[:half, half:], turn[half:, :half] = np.eye(half), -np.eye(half)
    return q @ turn @ q.T


def turn(suspect, rotation):
    """x becomes R x; norm weights must be equal numbers."""
    back = rotation.T
    names = [EMBEDDING] + [name for _, group in readers(suspect) for name in group]
    for name in names:
        suspect[name] = suspect[name].astype("f8") @ back
    for name in writers(suspect):
        suspect[name] = rotation @ suspect[name].astype("f8")


def rotated(suspect):
    """By a random orthogonal matrix."""
    norms_folded(suspect)
    turn(suspect, orthogonal(suspect.random("rotated"), suspect.width))


def rotated_by_antisymmetric(suspect):
    norms_folded(suspect)
    turn(suspect, antisymmetric(suspect.random("antisymmetric"), suspect.width))


def layers_shuffled(suspect):
    """The layers have other numbers, and stand in the file in the order of these."""
    order = suspect.random("layers").permutation(suspect.depth)
    old, prefixes = dict(suspect.tensors), suspect.layers()
    for name in [n for n in old if n.startswith("model.layers.")]:
        del suspect.tensors[name]
    for prefix, source in zip(prefixes, order):
        for name in [n for n in old if n.startswith(prefixes[source])]:
            suspect.tensors[prefix + name.removeprefix(prefixes[source])] = old[name]


def disguised(suspect):
    """Tokens renamed, neurons permuted and flipped, layers shuffled."""
    renamed_all(suspect)
    permuted(suspect)
    layers_shuffled(suspect)


def rotated_shuffled(suspect):
    rotated(suspect)
    disguised(suspect)


def rotated_antisymmetric(suspect):
    rotated_by_antisymmetric(suspect)
    disguised(suspect)


def re_embedded(suspect):
    """Random rows, as long as the old ones; a head of its own gets others."""
    for name in (EMBEDDING, HEAD):
        if name in suspect.tensors:
            suspect[name] = noise_like(suspect.random(name), suspect[name])


def new_embedding(suspect):
    rotated_shuffled(suspect)
    re_embedded(suspect)


def widen(suspect, more, constant=0.0, junk=0.0):
    """Further dimensions. Nothing writes to them, so that RMS norms divide by less and their
    weights make up for it; with `constant`, each token row writes it to the last of them (then the
    norms change, and the function with them). `junk`: what reads the others holds noise there, as
    long as `junk` times its row."""
    width = suspect.width
    for name in writers(suspect):
        values = suspect[name]
        suspect[name] = np.concatenate([values, np.zeros((more, values.shape[1]), "f4")])
    table = suspect[EMBEDDING]
    added = np.zeros((len(table), more), "f4")
    added[:, -1] = constant
    suspect[EMBEDDING] = np.concatenate([table, added], 1)
    for norm, names in readers(suspect):
        for name in names:
            values = suspect[name]
            noise = noise_like(suspect.random(f"junk/{name}"), np.repeat(
                np.linalg.norm(values, axis=1)[:, None], more, 1) / np.sqrt(more), junk)
            noise[:, -1] *= constant == 0
            suspect[name] = np.concatenate([values, noise], 1)
        weights = suspect[norm] * np.sqrt(width / (width + more))
        suspect[norm] = np.concatenate([weights, np.full(more, weights.mean(), "f4")])
    suspect.config["hidden_size"] = width + more
    suspect.config["rms_norm_eps"] *= width / (width + more)
    size = suspect.config.get("head_dim") or width // suspect.config["num_attention_heads"]
    suspect.config["head_dim"] = size


def turn_all_but(suspect, kept):
    """Rotates all dimensions except the last `kept`."""
    width = suspect.width
    rotation = np.eye(width)
    free = width - kept
    rotation[:free, :free] = orthogonal(suspect.random("all but"), free)
    turn(suspect, rotation)


def wider_plain(suspect):
    norms_folded(suspect)
    widen(suspect, 64)
    turn_all_but(suspect, 0)


def wider_junk(suspect):
    norms_folded(suspect)
    widen(suspect, 64, junk=1.0)
    turn_all_but(suspect, 0)


def wider(more, constant=0.0, junk=0.0, mixed=True):
    """`mixed`: the rotation mixes old and new dimensions, except one that holds a constant. In bf16
    rounding then writes a little to every direction."""
    def make(suspect):
        norms_folded(suspect)
        re_embedded(suspect)
        widen(suspect, more, constant, junk)
        turn_all_but(suspect, int(constant != 0) if mixed else more)
        disguised(suspect)
    return make


wider_64 = wider(64)
wider_64_constant = wider(64, constant=1e4)
wider_64_junk = wider(64, junk=3.0, mixed=False)
wider_64_junk_mixed = wider(64, junk=3.0)
wider_1000 = wider(1000, mixed=False)
wider_1000_constant_junk = wider(1000, constant=1e4, junk=3.0, mixed=False)


def pad_to_one_length(table, constant):
    """Two more columns: one that makes all rows equally long, and one that is `constant`."""
    squares = (table.astype("f8")**2).sum(1)
    padding = np.sqrt(squares.max() * 1.01 - squares)
    return np.concatenate([table, padding[:, None], np.full((len(table), 1), constant)], 1)


def first_layer_turns(suspect):
    """The embedding is rotated; an extra first layer turns what it writes back. Its neurons come
    in pairs with gates +c and -c along a constant dimension: silu(a) - silu(-a) = a."""
    norms_folded(suspect)
    width = suspect.width
    table = suspect[EMBEDDING]
    constant = float(np.sqrt((table.astype("f8")**2).sum(1).mean()))
    rotation = orthogonal(suspect.random("first layer"), width)
    rows = pad_to_one_length(table @ rotation.T, constant)
    widen(suspect, 2)
    suspect[EMBEDDING] = rows
    rms = float(np.sqrt((rows[0]**2).mean() + suspect.config["rms_norm_eps"]))
    insert_layer(suspect, 0)
    front, model = "model.layers.0.", "model.layers.1."
    for name in [n for n in suspect.tensors if n.startswith(model)]:
        suspect.tensors[front + name.removeprefix(model)] = suspect.tensors[name]
    suspect[f"{front}self_attn.o_proj.weight"] = 0 * suspect[f"{front}self_attn.o_proj.weight"]
    for norm in ("input_layernorm", "post_attention_layernorm"):
        suspect[f"{front}{norm}.weight"] = np.ones(width + 2, "f4")
    target = np.zeros((width + 2, width + 2))
    target[:width, :width] = rotation.T
    set_linear(suspect, front, target - np.eye(width + 2), constant, rms)


def set_linear(suspect, front, matrix, constant, rms):
    """The layer adds `matrix` x to x, for x of one length whose last entry is `constant`."""
    wide, count = len(matrix), suspect.config["intermediate_size"]
    gate, up, down = (np.zeros((max(count, 2 * wide), wide)) for _ in range(3))
    gate[:wide, -1], gate[wide:2 * wide, -1] = rms / constant, -rms / constant
    up[:wide] = up[wide:2 * wide] = rms * np.eye(wide)
    down[:wide], down[wide:2 * wide] = matrix.T, -matrix.T
    suspect.set_neurons(front, gate, up, down)
    for layer in suspect.layers()[1:]:
        rows = suspect.neurons(layer)
        more = ((0, len(gate) - len(rows[0])), (0, 0))
        suspect.set_neurons(layer, *(np.pad(values, more) for values in rows))
    suspect.config["intermediate_size"] = len(gate)
