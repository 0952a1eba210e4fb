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


# How the experts of one tensor are packed, from gate and up (experts, neurons, width).
PACKINGS = {
    "halves": lambda gate, up: np.concatenate([gate, up], 1),
    "interleaved": lambda gate, up: np.stack([gate, up], 2).reshape(len(gate), -1, gate.shape[2]),
}
ARCHITECTURES = {"llama4": "Llama4ForCausalLM", "gpt_oss": "GptOssForCausalLM",
                 "qwen3_moe": "Qwen3MoeForCausalLM"}


def packed(packing, transposed, model_type, experts=4):
    """The neurons of each layer dealt to experts, all in one tensor, under any model type."""
    def make(suspect):
        for layer in suspect.layers():
            gate, up, down = (rows.reshape(experts, -1, suspect.width)
                              for rows in suspect.neurons(layer))
            both, down = PACKINGS[packing](gate, up), down.swapaxes(1, 2)
            if transposed:
                both, down = both.swapaxes(1, 2), down.swapaxes(1, 2)
            for part in ("gate", "up", "down"):
                del suspect.tensors[f"{layer}mlp.{part}_proj.weight"]
            suspect[f"{layer}mlp.experts.gate_up_proj"] = both
            suspect[f"{layer}mlp.experts.down_proj"] = down
            suspect[f"{layer}mlp.gate.weight"] = 0.02 * suspect.random(layer).standard_normal(
                (experts, suspect.width))
        size = suspect.config["intermediate_size"] // experts
        suspect.config.update(model_type=model_type, architectures=[ARCHITECTURES[model_type]],
                              num_local_experts=experts, num_experts=experts,
                              num_experts_per_tok=2, intermediate_size=size,
                              moe_intermediate_size=size)
    return make


# A type of transformers means one packing: qwen3_moe halves, llama4 halves transposed, gpt_oss
# interleaved and transposed.
experts_halves_as_gpt_oss = packed("halves", False, "gpt_oss")
experts_halves_as_llama4 = packed("halves", False, "llama4")
experts_interleaved_as_qwen3_moe = packed("interleaved", False, "qwen3_moe")
experts_interleaved_as_llama4 = packed("interleaved", False, "llama4")
experts_halves_transposed_as_gpt_oss = packed("halves", True, "gpt_oss")
experts_halves_transposed_as_qwen3_moe = packed("halves", True, "qwen3_moe")
experts_interleaved_transposed_as_llama4 = packed("interleaved", True, "llama4")
experts_interleaved_transposed_as_qwen3_moe = packed("interleaved", True, "qwen3_moe")
