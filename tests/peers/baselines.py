"""Published statistics on attention, implemented from the papers. Needs numpy.

cosine: mean cosine of all matrices of equal shape and name (PCS). huref: mean cosine of E Wq Wk^T
E^T and E Wv Wo E^T over the last two layers (arXiv 2312.04828), with E the rows of common tokens.
awm: linear CKA of q and k after an assignment of embedding columns, as z = (CKA - .00375) / .0028
(arXiv 2510.06738; the constants are those of the paper). None if the shapes do not allow it.
"""
import numpy as np

TOKENS, COLUMNS = 512, 1024
AWM_MEAN, AWM_SD = 0.00375, 0.0028
Q, K, V, O = (f"self_attn.{part}_proj.weight" for part in "qkvo")


def cosine_of(a, b):
    return float((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b)))


def cosine(b, a):
    both = [n for n in a.tensors if n in b.tensors and a.tensors[n].ndim == 2
            and a.tensors[n].shape == b.tensors[n].shape]
    return float(np.mean([cosine_of(a.tensors[n], b.tensors[n]) for n in both])) if both else None


def layer(model, number, part):
    return model.tensors.get(f"model.layers.{number}.{part}")


def repeated(model, keys):
    """k or v for every query head."""
    groups = model.config["num_attention_heads"] // model.config["num_key_value_heads"]
    size = len(keys) // model.config["num_key_value_heads"]
    return keys.reshape(-1, size, keys.shape[1]).repeat(groups, 0).reshape(-1, keys.shape[1])


def invariants(model, number, tokens):
    embedding = model.tensors["model.embed_tokens.weight"][tokens]
    q, k, v, o = (layer(model, number, part) for part in (Q, K, V, O))
    if q is None:
        return None
    queries, keys = embedding @ q.T, embedding @ repeated(model, k).T
    values, outputs = embedding @ repeated(model, v).T, embedding @ o
    return queries @ keys.T, values @ outputs.T


def huref(b, a):
    if b.tensors["model.embed_tokens.weight"].shape[0] != len(
            a.tensors["model.embed_tokens.weight"]):
        return None
    tokens = np.linspace(300, len(a.tensors["model.embed_tokens.weight"]) - 1, TOKENS).astype(int)
    found = []
    for back in (1, 2):
        pair = [invariants(m, m.config["num_hidden_layers"] - back, tokens) for m in (b, a)]
        if None in pair:
            return None
        found += [cosine_of(x, y) for x, y in zip(*pair)]
    return float(np.mean(found))


def assignment(b, a):
    """A greedy assignment of the embedding columns of b to those of a, by largest |cosine|."""
    rows = slice(300, 300 + 8192)
    x, y = (m.tensors["model.embed_tokens.weight"][rows] for m in (b, a))
    if x.shape[0] != y.shape[0]:
        return None
    x, y = x / np.linalg.norm(x, axis=0), y / np.linalg.norm(y, axis=0)
    alike = y.T @ x
    size, place, sign = np.abs(alike), np.full(len(alike), -1), np.ones(len(alike), np.float32)
    for _ in range(min(alike.shape)):
        i, j = np.unravel_index(size.argmax(), size.shape)
        place[i], sign[i] = j, np.sign(alike[i, j])
        size[i], size[:, j] = -1, -1
    return place, sign


def unbiased_cka(x, y):
    """x and y: samples x features."""
    def centred(gram):
        n = len(gram)
        np.fill_diagonal(gram, 0)
        sums, total = gram.sum(1), gram.sum()
        gram -= (sums[:, None] + sums) / (n - 2) - total / ((n - 1) * (n - 2))
        np.fill_diagonal(gram, 0)
        return gram
    return cosine_of(centred(x @ x.T), centred(y @ y.T))


def awm(b, a):
    found = assignment(b, a)
    if found is None:
        return None
    place, sign = found
    kept, values = place >= 0, []
    for number in range(min(b.config["num_hidden_layers"], a.config["num_hidden_layers"])):
        for part in (Q, K):
            x, y = layer(b, number, part), layer(a, number, part)
            if x is None or y is None:
                return None
            x = x[:, place[kept]] * sign[kept]
            values.append(unbiased_cka(x.T, y[:, kept].T))
    return (float(np.mean(values)) - AWM_MEAN) / AWM_SD
