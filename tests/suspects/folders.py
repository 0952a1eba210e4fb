"""Suspects whose folder holds more than one set of weights, or a config that is wrong about heads.

A decoy is random weights of the same shapes and deviations. Each function changes a Suspect
(folder.py) in place.
"""
import json
import struct

import numpy as np

from folder import EMBEDDING, FINAL_NORM, to_bf16
from tokens import strings_by_id

INDEX, SHARD = "model.safetensors.index.json", "model-00001-of-00001.safetensors"
GGUF_PARTS = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
              "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
              "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
              "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
GGUF_F32, GGUF_BF16, GGUF_STRING, GGUF_ARRAY, GGUF_U32, GGUF_I32 = 0, 30, 8, 9, 4, 5


def decoy(suspect):
    other = suspect.copy()
    for name in suspect.tensors:
        weights, random = suspect[name], suspect.random(f"decoy/{name}")
        other[name] = (random.permutation(weights) if weights.ndim == 1 else
                       weights.std(1, keepdims=True) * random.standard_normal(weights.shape, "f4"))
    return other


def two_families(suspect):
    """A second, random model with the names of another family in the same file."""
    def new_name(name):
        for old, new in (("model.layers.", "transformer.h."), (EMBEDDING, "transformer.wte.weight"),
                         (FINAL_NORM, "transformer.ln_f.weight"), ("mlp.gate_proj", "mlp.w2"),
                         ("mlp.up_proj", "mlp.w1"), ("mlp.down_proj", "mlp.c_proj"),
                         ("input_layernorm", "ln_1"), ("post_attention_layernorm", "ln_2")):
            name = name.replace(old, new)
        return name
    other = decoy(suspect)
    other.rename(new_name)
    suspect.tensors = {**other.tensors, **suspect.tensors}


def with_shards(suspect, shards):
    """Writes the weights of `shards` as a sharded model with an index."""
    suspect.set_text(INDEX, {"metadata": {"total_size": 0},
                             "weight_map": {name: SHARD for name in shards.tensors}})
    suspect.after.append(lambda folder: shards.write_weights(folder / SHARD))


def beside(suspect, write_true):
    """A decoy where libraries look first; write_true(folder) writes the true weights."""
    true = suspect.copy()
    suspect.tensors = decoy(suspect).tensors
    suspect.after.append(lambda folder: write_true(true, folder))


def decoy_index(suspect):
    """model.safetensors, and an index of decoy shards that transformers does not open."""
    with_shards(suspect, decoy(suspect))


def shards_beside_decoy(suspect):
    """The reverse: the shards are true and model.safetensors is the decoy."""
    true = suspect.copy()
    suspect.tensors = decoy(suspect).tensors
    with_shards(suspect, true)


def variant_beside_decoy(suspect):
    beside(suspect, lambda true, folder: true.write_weights(folder / "model.fp16.safetensors"))


def subfolder_beside_decoy(suspect):
    def write(true, folder):
        (folder / "original").mkdir()
        true.write_weights(folder / "original" / "model.safetensors")
        (folder / "original" / "config.json").write_text(json.dumps(true.config))
    beside(suspect, write)


def gguf_beside(suspect):
    """True safetensors and a decoy in GGUF."""
    other = decoy(suspect)
    suspect.after.append(lambda folder: write_gguf(other, folder / "model-bf16.gguf"))


def safetensors_beside_gguf(suspect):
    """True GGUF and decoy safetensors."""
    beside(suspect, lambda true, folder: write_gguf(true, folder / "model-bf16.gguf"))


def only_gguf(suspect):
    """One GGUF file, with its tokenizer, and nothing else."""
    true, suspect.weights = suspect.copy(), None
    suspect.files.update({"config.json": None, "tokenizer.json": None})
    suspect.after.append(lambda folder: write_gguf(true, folder / "model-bf16.gguf"))


def gguf_text(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf_key(name, value):
    head = gguf_text(name)
    if isinstance(value, str):
        return head + struct.pack("<I", GGUF_STRING) + gguf_text(value)
    if isinstance(value, int):
        return head + struct.pack("<II", GGUF_U32, value)
    if isinstance(value, float):
        return head + struct.pack("<If", 6, value)
    kind = GGUF_STRING if isinstance(value[0], str) else GGUF_I32
    items = [gguf_text(v) if kind == GGUF_STRING else struct.pack("<i", v) for v in value]
    return head + struct.pack("<IIQ", GGUF_ARRAY, kind, len(value)) + b"".join(items)


def gguf_keys(suspect):
    config, (names, added) = suspect.config, strings_by_id(suspect)
    order = sorted(names)
    return {"general.architecture": "llama", "llama.block_count": config["num_hidden_layers"],
            "llama.embedding_length": config["hidden_size"],
            "llama.feed_forward_length": config["intermediate_size"],
            "llama.attention.head_count": config["num_attention_heads"],
            "llama.attention.head_count_kv": config["num_key_value_heads"],
            "llama.context_length": 2048,
            "llama.attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
            "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "smollm",
            "tokenizer.ggml.tokens": [names[number] for number in order],
            "tokenizer.ggml.token_type": [3 if number in added else 1 for number in order]}


def gguf_tensor(suspect, name):
    """Name, type and values as llama.cpp stores them: q and k with their rotary pairs apart."""
    values, parts = suspect[name], name.split(".")
    if name == EMBEDDING:
        return "token_embd.weight", values
    if name == FINAL_NORM:
        return "output_norm.weight", values
    part = ".".join(parts[3:-1])
    heads = {"self_attn.q_proj": "num_attention_heads", "self_attn.k_proj": "num_key_value_heads"}
    if part in heads:
        rows = values.reshape(suspect.config[heads[part]], 2, -1, values.shape[1])
        values = rows.swapaxes(1, 2).reshape(values.shape)
    return f"blk.{parts[2]}.{GGUF_PARTS[part]}.weight", values


def write_gguf(suspect, path):
    keys, infos, blobs, offset = gguf_keys(suspect), b"", [], 0
    for name in suspect.tensors:
        new, values = gguf_tensor(suspect, name)
        kind = GGUF_F32 if values.ndim == 1 else GGUF_BF16
        data = np.ascontiguousarray(values if kind == GGUF_F32 else to_bf16(values)).tobytes()
        infos += gguf_text(new) + struct.pack(f"<I{values.ndim}QIQ", values.ndim,
                                              *reversed(values.shape), kind, offset)
        data += bytes(-len(data) % 32)
        blobs.append(data)
        offset += len(data)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(blobs), len(keys))
    head += b"".join(gguf_key(name, value) for name, value in keys.items()) + infos
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % 32))
        file.writelines(blobs)


def heads_wrong(suspect):
    """Other numbers of heads, which do not fit the shapes."""
    suspect.config.update(num_attention_heads=16, num_key_value_heads=16, head_dim=32)


def heads_missing(suspect):
    for key in ("num_attention_heads", "num_key_value_heads", "head_dim"):
        suspect.config.pop(key, None)


def kv_channels(suspect):
    """The size of a head under ChatGLM's name only."""
    size = suspect.config.pop("head_dim")
    del suspect.config["num_attention_heads"], suspect.config["num_key_value_heads"]
    suspect.config["kv_channels"] = size
