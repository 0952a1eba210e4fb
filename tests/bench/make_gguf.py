"""Writes a GGUF file of random blocks, with the shapes of tests/make_model.py.

Measuring the reading speed needs no quantiser: blocks are random bytes with a small finite scale,
taken from a pool at random places, so that gigabytes take seconds. The same arguments give the same
bytes. Standard library only. Not thread-safe.
"""
import argparse
import pathlib
import random
import struct
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import make_model  # noqa: E402

F32, ALIGNMENT = 0, 32
U32, TEXT = 4, 8
SCALE, MINIMUM = struct.pack("<e", 0.002), struct.pack("<e", 0.001)
# number of the type, bytes and weights of a block, the start of a block before its random bytes
TYPES = {"Q8_0": (8, 34, 32, SCALE), "Q4_K": (12, 144, 256, SCALE + MINIMUM)}
POOL_BLOCKS = 1 << 14
NAMES = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
         "mlp.down_proj": "ffn_down", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
         "self_attn.k_proj": "attn_k", "self_attn.o_proj": "attn_output",
         "self_attn.q_proj": "attn_q", "self_attn.v_proj": "attn_v"}
TOP_NAMES = {"model.embed_tokens.weight": "token_embd.weight",
             "model.norm.weight": "output_norm.weight"}


def gguf_name(name):
    """'model.layers.3.mlp.up_proj.weight' -> 'blk.3.ffn_up.weight'."""
    if name in TOP_NAMES:
        return TOP_NAMES[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{NAMES[rest.removesuffix('.weight')]}.weight"


def string(text):
    return struct.pack("<Q", len(text)) + text.encode()


def keys(sizes):
    numbers = {"embedding_length": sizes["hidden"], "feed_forward_length": sizes["ffn"],
               "block_count": sizes["layers"], "attention.head_count": 4,
               "attention.head_count_kv": 1, "vocab_size": sizes["vocabulary"]}
    return [string("general.architecture") + struct.pack("<I", TEXT) + string("llama"),
            *(string(f"llama.{name}") + struct.pack("<II", U32, value)
              for name, value in numbers.items())]


def write_blocks(file, count, pool, size, rng):
    """Writes `count` blocks in pieces of the pool."""
    while count > 0:
        first = rng.randrange(POOL_BLOCKS // 2)
        some = min(count, POOL_BLOCKS - first)
        file.write(pool[first * size:(first + some) * size])
        count -= some


def write(path, kind, sizes):
    number, size, weights, front = TYPES[kind]
    rng = random.Random(number)
    pool = b"".join(front + rng.randbytes(size - len(front)) for _ in range(POOL_BLOCKS))
    head, offset, parts = b"", 0, []
    for name, shape in make_model.shapes(argparse.Namespace(**sizes)):
        plain = len(shape) == 1
        count = shape[0] if plain else shape[0] * shape[1] // weights
        used = count * (4 if plain else size)
        head += string(gguf_name(name)) + struct.pack("<I", len(shape))
        head += struct.pack(f"<{len(shape)}Q", *reversed(shape))
        head += struct.pack("<IQ", F32 if plain else number, offset)
        parts.append((plain, count, -used % ALIGNMENT))
        offset += used + parts[-1][2]
    listed = keys(sizes)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(parts), len(listed)) + b"".join(listed) + head
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT))
        for plain, count, padding in parts:
            if plain:
                file.write(struct.pack("<f", 1.0) * count)
            else:
                write_blocks(file, count, pool, size, rng)
            file.write(bytes(padding))
