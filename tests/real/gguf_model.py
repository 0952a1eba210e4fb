"""Converts the GGUF file of a Llama-like model to a Hugging Face folder in bf16.

Reverses the conversion to GGUF: tensor names, the order of rows in the query and key projections,
and the storage as quantised blocks (the rounded values remain).
Runs in the virtual environment that prepare.py makes (numpy, gguf).
"""
import json
import pathlib
import struct
import sys

import gguf
import numpy as np

LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TOP_NAMES = {"token_embd": "embed_tokens", "output_norm": "norm"}
CONTROL_TOKEN = 3


def hub_name(name):
    """'blk.3.attn_q.weight' -> 'model.layers.3.self_attn.q_proj.weight'."""
    parts = name.split(".")
    if parts[0] == "blk":
        return f"model.layers.{parts[1]}.{LAYER_NAMES[parts[2]]}.{parts[3]}"
    return f"model.{TOP_NAMES[parts[0]]}.{parts[1]}"


def unpermuted(rows, head_count):
    """GGUF interleaves the two halves of each head's rows (rotary positions); the inverse."""
    head_rows = rows.shape[0] // head_count
    pairs = rows.reshape(head_count, head_rows // 2, 2, *rows.shape[1:])
    return pairs.swapaxes(1, 2).reshape(rows.shape)


def to_bf16(values):
    """float32 -> bits of bf16, to nearest, ties to even. Values must be finite."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def from_bf16(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


def tensors(reader, fields):
    """Yields (hub name, float32 array), with rows in the order of Hugging Face."""
    heads = {"attn_q": fields["llama.attention.head_count"],
             "attn_k": fields["llama.attention.head_count_kv"]}
    for tensor in sorted(reader.tensors, key=lambda t: hub_name(t.name)):
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        values = values.reshape([int(n) for n in reversed(tensor.shape)])
        for part, head_count in heads.items():
            if f".{part}." in tensor.name:
                values = unpermuted(values, head_count)
        if not np.isfinite(values).all():
            raise SystemExit(f"{tensor.name}: not finite")
        yield hub_name(tensor.name), values


def write_safetensors(path, named):
    """named: list of (name, uint16 bits of bf16)."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, bits in named:
        header[name] = {"dtype": "BF16", "shape": list(bits.shape),
                        "data_offsets": [offset, offset + bits.nbytes]}
        offset += bits.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, bits in named:
            file.write(bits.tobytes())


def read_safetensors(path):
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        header.pop("__metadata__")
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            file.seek(8 + size + begin)
            yield name, np.frombuffer(file.read(end - begin), "<u2").reshape(entry["shape"])


def config(fields):
    hidden, heads = fields["llama.embedding_length"], fields["llama.attention.head_count"]
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "bfloat16",
        "hidden_size": hidden, "head_dim": hidden // heads, "num_attention_heads": heads,
        "num_key_value_heads": fields["llama.attention.head_count_kv"],
        "num_hidden_layers": fields["llama.block_count"],
        "intermediate_size": fields["llama.feed_forward_length"],
        "max_position_embeddings": fields["llama.context_length"],
        "rms_norm_eps": float(f"{fields['llama.attention.layer_norm_rms_epsilon']:.6g}"),
        "rope_theta": fields["llama.rope.freq_base"], "hidden_act": "silu",
        "vocab_size": fields["llama.vocab_size"], "tie_word_embeddings": True,
        "attention_bias": False, "mlp_bias": False,
        "bos_token_id": fields["tokenizer.ggml.bos_token_id"],
        "eos_token_id": fields["tokenizer.ggml.eos_token_id"],
        "pad_token_id": fields["tokenizer.ggml.padding_token_id"],
    }


def tokenizer(fields):
    strings = fields["tokenizer.ggml.tokens"]
    control = [t for t, kind in enumerate(fields["tokenizer.ggml.token_type"])
               if kind == CONTROL_TOKEN]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                  "use_regex": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": t, "content": strings[t], "single_word": False, "lstrip": False,
                          "rstrip": False, "normalized": False, "special": True}
                         for t in control],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True}, byte_level]},
        "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None,
                  "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {text: t for t, text in enumerate(strings)},
                  "merges": fields["tokenizer.ggml.merges"]},
    }


def verify(path, reader, fields):
    """Reads the file back: each value must be within half a bf16 step of that in the GGUF file."""
    stored = dict(read_safetensors(path))
    for name, values in tensors(reader, fields):
        bits = stored.pop(name)
        if bits.shape != values.shape:
            raise SystemExit(f"{name}: shape {bits.shape}, expected {values.shape}")
        if (np.abs(from_bf16(bits) - values) > np.abs(values) * 2.0**-8 + 1e-38).any():
            raise SystemExit(f"{name}: a value was not rounded to its nearest neighbour")
    if stored:
        raise SystemExit(f"unexpected tensors: {sorted(stored)}")


def main(source, folder):
    reader = gguf.GGUFReader(source)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    if fields["general.architecture"] != "llama":
        raise SystemExit(f"{source}: architecture {fields['general.architecture']}, not llama")
    folder = pathlib.Path(folder)
    path = folder / "model.safetensors"
    write_safetensors(path, [(name, to_bf16(v)) for name, v in tensors(reader, fields)])
    (folder / "config.json").write_text(json.dumps(config(fields), indent=2) + "\n")
    (folder / "tokenizer.json").write_text(
        json.dumps(tokenizer(fields), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    verify(path, reader, fields)
    print(f"{path}: {len(reader.tensors)} tensors, {path.stat().st_size} bytes, read back")


if __name__ == "__main__":
    main(*sys.argv[1:3])
