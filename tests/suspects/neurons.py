"""Suspects that hide the mark among neurons: clones, dummies, extreme scales, repeated layers.

Each function changes a Suspect (folder.py) in place. `KEEPS` names those that keep what the model
computes, up to rounding.
"""
import numpy as np

from folder import noise_like, unit

KEEPS = ("overflow", "clones_3x", "clones_4", "clones_3x_down", "clones_3x_patterned",
         "dummies_25_weak", "dummies_100_weak", "extra_layer_repeats", "repeated_layer_within",
         "permuted")
PATTERNS = 128


def each_layer(change):
    """change(suspect, layer, random, gate, up, down) returns the new rows of the three."""
    def make(suspect):
        for layer in suspect.layers():
            random = suspect.random(f"{change.__name__}/{layer}")
            rows = change(suspect, layer, random, *suspect.neurons(layer))
            suspect.set_neurons(layer, *rows)
            suspect.config["intermediate_size"] = len(rows[0])
    make.__name__, make.__doc__ = change.__name__, change.__doc__
    return make


@each_layer
def overflow(suspect, layer, random, gate, up, down):
    """Up times 2^70 and down times 2^-70."""
    return gate, up * np.float32(2.0**70), down * np.float32(2.0**-70)


def cloned(random, gate, up, down, count, factor, noise=noise_like):
    """`count` neurons of each gate with ups A [u w 0] and downs A^-T [v 0 x], which add up to
    u (x) v; w and x are noise, `factor` times as long as u and v, in `count` - 1 directions."""
    mix = random.standard_normal((len(gate), count, count)).astype(np.float32)
    mix[:, :, 0] = 1  # each clone has an equal part of the neuron
    mix, _ = np.linalg.qr(mix)
    mix[:, :, 0] = np.abs(mix[:, :, 0])  # qr() gives the column of ones either sign
    stretch = np.exp(random.uniform(-1, 1, (len(gate), count, 1))).astype(np.float32)
    extra = max(1, (count - 1) // 2)
    ups = mix[:, :, 0, None] * up[:, None]
    downs = mix[:, :, 0, None] * down[:, None]
    for i in range(1, count):
        rows, side = (up, ups) if i <= extra else (down, downs)
        side += mix[:, :, i, None] * noise(random, rows, factor)[:, None]
    order = random.permutation(count * len(gate))
    return (np.repeat(gate, count, 0)[order],
            (ups * stretch).reshape(-1, up.shape[1])[order],
            (downs / stretch).reshape(-1, up.shape[1])[order])


def shared_down(random, gate, up, down, count, factor):
    """`count` neurons of each gate; the downs hold noise that cancels, of unequal lengths."""
    draws = np.stack([noise_like(random, down, factor * (0.5 + i)) for i in range(count - 1)])
    noise = np.concatenate([draws, -draws.sum(0, keepdims=True)])
    order = random.permutation(count * len(gate))
    return (np.tile(gate, (count, 1))[order], np.tile(up, (count, 1))[order],
            np.concatenate(list(down / count + noise))[order])


@each_layer
def clones_3x(suspect, layer, random, gate, up, down):
    """Each neuron as three of one gate, with cancelling noise of 3 times its length."""
    return cloned(random, gate, up, down, 3, 3.0)


def patterned(random, rows, factor):
    """Noise that repeats a few vectors, so that what it adds to a sum over neurons adds up."""
    template = np.random.default_rng(5).standard_normal((PATTERNS // 8, rows.shape[1]), np.float32)
    draw = template[random.integers(0, len(template), len(rows))]
    return unit(draw) * (factor * np.linalg.norm(rows, axis=1, keepdims=True))


@each_layer
def clones_3x_patterned(suspect, layer, random, gate, up, down):
    """The same; the noise repeats 16 vectors in all layers."""
    return cloned(random, gate, up, down, 3, 3.0, patterned)


@each_layer
def clones_3x_down(suspect, layer, random, gate, up, down):
    """The same with noise in the downs only."""
    return shared_down(random, gate, up, down, 3, 3.0)


@each_layer
def clones_4(suspect, layer, random, gate, up, down):
    """Each neuron as four of one gate."""
    return cloned(random, gate, up, down, 4, 3.0)


@each_layer
def clones_1x_near(suspect, layer, random, gate, up, down):
    """Three clones with noise as long as the row, their gates 5 % apart."""
    gates, ups, downs = cloned(random, gate, up, down, 3, 1.0)
    return gates + noise_like(random, gates, 0.05), ups, downs


def with_dummies(suspect, random, rows, share, down_factor, free_gates):
    """Adds neurons that repeat 128 patterns, the same patterns in all layers."""
    count = int(len(rows[0]) * share)
    template = suspect.random("patterns")
    which = np.arange(count) % PATTERNS
    out = []
    for kind, own in zip(("gate", "up", "down"), rows):
        length = np.median(np.linalg.norm(own, axis=1))
        draw = template.standard_normal((PATTERNS, own.shape[1]), np.float32)
        added = draw[which]
        if kind == "gate" and free_gates:
            added = added + 0.5 * random.standard_normal(added.shape, np.float32)
        added *= length / np.sqrt(own.shape[1])
        if kind == "down":
            added = added * np.float32(down_factor)
        out.append(np.concatenate([own, added]))
    order = random.permutation(len(out[0]))
    return [values[order] for values in out]


def dummies(share, down_factor, free_gates=False):
    def change(suspect, layer, random, *rows):
        return with_dummies(suspect, random, rows, share, down_factor, free_gates)
    change.__name__ = f"dummies/{share}/{down_factor}"
    return each_layer(change)


dummies_25_weak = dummies(0.25, 2.0**-40)
dummies_100_weak = dummies(1.0, 2.0**-40)
dummies_100_full = dummies(1.0, 1.0)
dummies_100_full_gates = dummies(1.0, 1.0, free_gates=True)  # cosine of gates .8


def repeated(suspect, front, cancel):
    """A layer whose neurons are all one; `cancel`: their downs add up to zero."""
    random = suspect.random("repeated layer")
    gate, up, down = (np.tile(random.standard_normal((1, suspect.width), np.float32) / 8,
                              (suspect.config["intermediate_size"], 1)) for _ in range(3))
    if cancel:
        down[-1] *= 1 - len(down)
    model = suspect.layers()[0]
    for name in [n for n in suspect.tensors if n.startswith(model)]:
        suspect.tensors[front + name.removeprefix(model)] = suspect.tensors[name]
    suspect[f"{front}self_attn.o_proj.weight"] = 0 * suspect[f"{front}self_attn.o_proj.weight"]
    suspect.set_neurons(front, gate, up, down)


def extra_layer_repeats(suspect):
    """A layer of repeated neurons beyond num_hidden_layers, which nothing loads."""
    repeated(suspect, f"model.layers.{suspect.depth}.", cancel=False)


def insert_layer(suspect, place):
    """Makes room: layers from `place` on move up by one. The caller adds the layer's tensors."""
    def moved(name):
        parts = name.split(".")
        if name.startswith("model.layers.") and int(parts[2]) >= place:
            parts[2] = str(int(parts[2]) + 1)
        return ".".join(parts)
    suspect.rename(moved)
    suspect.config["num_hidden_layers"] += 1


def repeated_layer_within(suspect):
    """A layer of repeated neurons that cancel, among the others; its attention writes nothing."""
    place = suspect.depth // 3
    insert_layer(suspect, place)
    repeated(suspect, f"model.layers.{place}.", cancel=True)


def layer_eight_times(suspect):
    """One layer stands eight times in a row, as in depth up-scaling."""
    place = suspect.depth // 2
    for _ in range(7):
        insert_layer(suspect, place)
        for name in [n for n in suspect.tensors if n.startswith(f"model.layers.{place + 1}.")]:
            new = name.replace(f"layers.{place + 1}.", f"layers.{place}.")
            suspect.tensors[new] = suspect.tensors[name]


def permuted(suspect):
    """Neurons of each layer in another order, half of them with up and down negated."""
    for layer in suspect.layers():
        random = suspect.random(f"permuted/{layer}")
        gate, up, down = suspect.neurons(layer)
        order = random.permutation(len(gate))
        sign = random.choice(np.float32([-1, 1]), (len(gate), 1))
        suspect.set_neurons(layer, gate[order], up[order] * sign, down[order] * sign)
