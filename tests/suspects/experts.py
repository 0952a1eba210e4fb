"""Suspects that hide the mark in mixtures of experts. Functions change a Suspect in place."""
import numpy as np

from basis import disguised, re_embedded, rotated


def noisy(random, rows, factor):
    """Gaussian noise in units of the standard deviation of each row."""
    return rows + factor * rows.std(1, keepdims=True) * random.standard_normal(rows.shape, "f4")


def upcycle(suspect, experts=4, new=0.5, noise=0.2):
    """Mixtral's names. Of each expert's neurons a share is new, and all have noise."""
    tensors = {}
    for layer in suspect.layers():
        rows = suspect.neurons(layer)
        random = suspect.random(f"upcycle/{layer}")
        tensors[f"{layer}block_sparse_moe.gate.weight"] = 0.02 * random.standard_normal(
            (experts, suspect.width))
        for expert in range(experts):
            fresh = random.random(len(rows[0])) < new
            for part, values in zip(("w1", "w3", "w2"), rows):
                values = values.copy()
                values[fresh] = values.std() * random.standard_normal(values[fresh].shape, "f4")
                values = noisy(random, values, noise)
                name = f"{layer}block_sparse_moe.experts.{expert}.{part}.weight"
                tensors[name] = values.T if part == "w2" else values
        for part in ("gate", "up", "down"):
            del suspect.tensors[f"{layer}mlp.{part}_proj.weight"]
        for name in [n for n in tensors if n.startswith(layer)]:
            suspect[name] = tensors.pop(name)
    suspect.config.update(architectures=["MixtralForCausalLM"], model_type="mixtral",
                          num_local_experts=experts, num_experts_per_tok=2)


def upcycled_rotated(suspect):
    """To 4 experts, half of the neurons new, noise .2; rotated, disguised, new embedding."""
    rotated(suspect)
    disguised(suspect)
    re_embedded(suspect)
    upcycle(suspect)
