"""What a Suspect with Llama's names computes, in float64, and a tiny model to try it on."""
import json
import pathlib

import numpy as np

from folder import EMBEDDING, FINAL_NORM, HEAD, quantise

WIDTH, LAYERS, INNER, HEADS, PAIRS, TOKENS = 48, 3, 96, 4, 2, 320


def tiny_model(path):
    """Writes random weights in F32, a config and a tokenizer with byte-level strings."""
    path, random = pathlib.Path(path), np.random.default_rng(9)
    path.mkdir()
    size = WIDTH // HEADS
    shapes = {"self_attn.q_proj": (WIDTH, WIDTH), "self_attn.k_proj": (PAIRS * size, WIDTH),
              "self_attn.v_proj": (PAIRS * size, WIDTH), "self_attn.o_proj": (WIDTH, WIDTH),
              "mlp.gate_proj": (INNER, WIDTH), "mlp.up_proj": (INNER, WIDTH),
              "mlp.down_proj": (WIDTH, INNER), "input_layernorm": (WIDTH,),
              "post_attention_layernorm": (WIDTH,)}
    named = {EMBEDDING: (TOKENS, WIDTH), FINAL_NORM: (WIDTH,)}
    named |= {f"model.layers.{layer}.{part}.weight": shape for layer in range(LAYERS)
              for part, shape in shapes.items()}
    tensors = []
    for name, shape in named.items():
        values = (random.uniform(0.5, 1.5, shape) if len(shape) == 1 else
                  random.standard_normal(shape) / np.sqrt(shape[1]))
        tensors.append((name, "F32", shape, values.astype("<f4").tobytes()))
    quantise.write_model(path / "model.safetensors", tensors)
    (path / "config.json").write_text(json.dumps({
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": WIDTH,
        "intermediate_size": INNER, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
        "num_key_value_heads": PAIRS, "head_dim": size, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "hidden_act": "silu", "vocab_size": TOKENS,
        "tie_word_embeddings": True}))
    (path / "tokenizer.json").write_text(json.dumps({
        "added_tokens": [{"id": 0, "content": "<|end|>", "special": True}],
        "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "merges": [], "vocab": {f"w{t}": t for t in range(TOKENS)}}}))


def norm(suspect, name, x):
    """RMS norm, or LayerNorm where there is a bias."""
    weight, bias = suspect[name], name.replace("weight", "bias")
    if bias in suspect.tensors:
        x = x - x.mean(-1, keepdims=True)
        scale = (x**2).mean(-1, keepdims=True) + suspect.config["layer_norm_eps"]
        return x / np.sqrt(scale) * weight + suspect[bias]
    scale = (x**2).mean(-1, keepdims=True) + suspect.config["rms_norm_eps"]
    return x / np.sqrt(scale) * weight


def turned(x, theta):
    """Rotary positions of x (heads, positions, size)."""
    half = x.shape[2] // 2
    angle = np.arange(x.shape[1])[:, None] * theta ** (-np.arange(half) / half)
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * np.cos(angle) - b * np.sin(angle),
                           b * np.cos(angle) + a * np.sin(angle)], 2)


def attention(suspect, layer, x):
    config = suspect.config
    heads, pairs = config["num_attention_heads"], config["num_key_value_heads"]
    q, k, v = (x @ suspect[f"{layer}self_attn.{part}_proj.weight"].astype("f8").T for part in "qkv")
    q, k, v = (values.reshape(len(x), count, -1).swapaxes(0, 1)
               for values, count in ((q, heads), (k, pairs), (v, pairs)))
    q, k = turned(q, config["rope_theta"]), turned(k, config["rope_theta"])
    k, v = (np.repeat(values, heads // pairs, 0) for values in (k, v))
    scores = q @ k.swapaxes(1, 2) / np.sqrt(q.shape[2])
    scores = np.where(np.tri(len(x), dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(2, keepdims=True))
    mixed = weights / weights.sum(2, keepdims=True) @ v
    return mixed.swapaxes(0, 1).reshape(len(x), -1) @ (
        suspect[f"{layer}self_attn.o_proj.weight"].astype("f8").T)


def logits(suspect, tokens):
    """(positions, vocabulary). Layers are those that the config counts."""
    x = suspect[EMBEDDING].astype("f8")[tokens]
    for layer in suspect.layers()[:suspect.config["num_hidden_layers"]]:
        x = x + attention(suspect, layer, norm(suspect, f"{layer}input_layernorm.weight", x))
        y = norm(suspect, f"{layer}post_attention_layernorm.weight", x)
        gate, up, down = (rows.astype("f8") for rows in suspect.neurons(layer))
        inner = y @ gate.T
        x = x + inner / (1 + np.exp(-np.clip(inner, -500, 500))) * (y @ up.T) @ down
    head = suspect[HEAD if HEAD in suspect.tensors else EMBEDDING]
    return norm(suspect, FINAL_NORM, x) @ head.astype("f8").T
