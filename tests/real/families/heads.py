"""Whether the heads of attention are read as they run: mixed heads, and the norms around them.

The attack `mix-heads` multiplies values by random matrices and outputs by their inverses, head by
head: the logits stay only if values, outputs, numbers of heads and layouts are read rightly. A norm
before or after attention is right if its weight and all that reads it (or writes into it) can be
scaled against each other. Needs torch. Not for threads.
"""
from exceptions import NOT_MIXED
from forward import TOLERANCE
from trace import owners_of

VALUES = ("value", "qkv", "key_value", "latent_down")


def mixed(run, failed, probe, found):
    """Problems of mixed heads; `run` is the program, `failed` what it raises where it refuses."""
    if found["type"] in NOT_MIXED:
        found["not_mixed"] = NOT_MIXED[found["type"]]
        return []
    out = probe.folder.with_name("mixed")
    try:
        run("attack", "mix-heads", probe.folder, "-o", out)
    except failed as error:
        found["not_mixed"] = str(error).partition("error: ")[2] or str(error)
        return []
    off = probe.distance(probe.loaded(out))
    found["mixed"] = off <= TOLERANCE
    return [] if off <= TOLERANCE else [f"mix-heads: logits move by {off:.1e}"]


def norm_problem(probe, folds, spot, norm, factor):
    """What is wrong with a norm that a rule names, or does not name, at this matrix."""
    holder = probe.traced.holders_of(probe.tensors, spot)
    if not holder:
        return []
    exact = folds(holder)
    owners = owners_of(probe.model, probe.tensors[norm.name]) if norm else []
    if norm is None:
        return [f"norm '{name}' folds into '{spot.name}', and no rule says so" for name in exact]
    if exact and not set(exact) & set(owners):
        return [f"'{exact[0]}' folds into '{spot.name}', not '{norm.name}'"]
    others = [(holder, factor)] if factor < 0 else None
    wrong = [name for name in set(exact) & set(owners) if not probe.is_exact(
        name, factor if others else 2.0,
        others or [(reader, 0.5) for reader in probe.readers(name)],
        ("one_plus" in norm.flags,))]
    return [f"norm '{name}' is read as {'1 + w' if 'one_plus' in norm.flags else 'w'}"
            for name in wrong]


def norms(probe, reading):
    """Problems of the norms around the first layer of attention that has values and outputs."""
    for parts in reading.attention.values():
        value = next((parts[word] for word in VALUES if word in parts), None)
        if value is None or "out" not in parts:
            continue
        return (norm_problem(probe, probe.folds_before, value, parts.get("before_attention"), 1.0)
                + norm_problem(probe, probe.folds_after, parts["out"],
                               parts.get("after_attention"), -1.0))
    return []
