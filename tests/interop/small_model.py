"""Small random checkpoints with the names of Llama and of Mixtral, for vectors and interop.

Made with numpy and PyTorch from a fixed seed; written as bf16 safetensors with config.json and, on
request, tokenizer.json.
"""
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file


def tensors(d, layers, f, vocabulary, experts, seed):
    """Name -> bf16 tensor; `experts` 0 makes a dense (Llama) model, else a Mixtral one."""
    random = np.random.default_rng(seed)

    def normal(*shape):
        values = random.standard_normal(shape, dtype=np.float32) / np.sqrt(np.float32(shape[-1]))
        return torch.from_numpy(values).to(torch.bfloat16)

    def norm_weight():
        values = random.uniform(0.3, 1.7, d).astype(np.float32)
        # Norm weights near zero, zero and negative: the first two dimensions must stay unmarked.
        values[[0, 1, 2]] = [0.001, 0.0, -0.8]
        return torch.from_numpy(values).to(torch.bfloat16)

    out = {"model.embed_tokens.weight": normal(vocabulary, d)}
    for layer in range(layers):
        front = f"model.layers.{layer}."
        for name, rows in (("q", d), ("k", d // 2), ("v", d // 2), ("o", d)):
            out[f"{front}self_attn.{name}_proj.weight"] = normal(rows, d)
        out[front + "input_layernorm.weight"] = norm_weight()
        out[front + "post_attention_layernorm.weight"] = norm_weight()
        if experts:
            out[front + "block_sparse_moe.gate.weight"] = normal(experts, d)
        for expert in range(max(experts, 1)):
            ffn = f"{front}block_sparse_moe.experts.{expert}." if experts else front + "mlp."
            leaves = ("w1", "w3", "w2") if experts else ("gate_proj", "up_proj", "down_proj")
            for leaf, shape in zip(leaves, ((f, d), (f, d), (d, f))):
                out[f"{ffn}{leaf}.weight"] = normal(*shape)
    out["model.norm.weight"] = norm_weight()
    return out


def config(d, layers, f, vocabulary, experts):
    out = {"architectures": ["MixtralForCausalLM" if experts else "LlamaForCausalLM"],
           "model_type": "mixtral" if experts else "llama", "hidden_act": "silu", "hidden_size": d,
           "intermediate_size": f, "num_hidden_layers": layers, "num_attention_heads": 4,
           "num_key_value_heads": 2, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
           "max_position_embeddings": 512, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
           "vocab_size": vocabulary}
    if experts:
        out.update(num_local_experts=experts, num_experts_per_tok=2)
    return out


def tokenizer(vocabulary):
    """BPE-like strings for all rows except the last two: a row without token, an added token."""
    odd = ["<unk>", "Ġthe", "Ġ", "#12", "é", "\u4f60\u597d", "\U0001f600", "a b", '"', "\\", "\n"]
    words = {text: t for t, text in enumerate(odd)}
    for t in range(len(odd), vocabulary - 2):
        words[f"Ġw{t}" if t % 3 else f"w{t}"] = t
    added = {"id": vocabulary - 1, "content": "<|end of text|>", "single_word": False,
             "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    # The tokenizer has one token more than the embedding has rows, as in some releases.
    beyond = dict(added, id=vocabulary, content="<|beyond|>")
    return {"version": "1.0", "added_tokens": [added, beyond],
            "model": {"type": "BPE", "vocab": words, "merges": []}}


def write(folder, d, layers, f, vocabulary, experts=0, seed=1, with_tokenizer=True):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors(d, layers, f, vocabulary, experts, seed), folder / "model.safetensors",
              {"format": "pt"})
    documents = {"config.json": config(d, layers, f, vocabulary, experts)}
    if with_tokenizer:
        documents["tokenizer.json"] = tokenizer(vocabulary)
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document, indent=1) + "\n")
