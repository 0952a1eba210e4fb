#!/usr/bin/env python3
"""Makes a synthetic dense checkpoint: make_model.py FOLDER [--hidden N] [--ffn N] [--layers N] ...

A Hugging Face folder with the layout of Llama: bf16 safetensors, one file or several with an index,
config.json and a BPE tokenizer.json. Weights are drawn independently, so that models of two seeds
have nothing in common and no row repeats. A weight is one of 256 numbers, the medians of as many
equally likely intervals of a normal distribution: one random byte selects it, and gigabytes take
seconds. The same arguments give the same bytes. For bench and transcripts; standard library only.
"""
import argparse
import functools
import json
import pathlib
import random
import statistics
import struct

DEVIATION = 0.05
WRITE_WEIGHTS = 1 << 20


def bf16(value):
    """A float, truncated (not rounded) to two bytes, the low one first."""
    return struct.pack("<f", value)[2:]


@functools.lru_cache
def tables(deviation):
    """The low and the high byte of each of the 256 numbers."""
    normal = [bf16(statistics.NormalDist(0, deviation).inv_cdf((step + 0.5) / 256))
              for step in range(256)]
    return tuple(bytes(number[half] for number in normal) for half in (0, 1))


def deviation_of(name, options):
    """Real models have attention weights that grow with depth; all of them, more or less alike."""
    if not options.trend or ".self_attn." not in name:
        return DEVIATION
    return DEVIATION * (1 + int(name.split(".")[2]) / options.layers)


def shapes(options):
    """Yields (name, shape) in the order of the file."""
    hidden, ffn, kv = options.hidden, options.ffn, max(options.hidden // 4, 1)
    yield "model.embed_tokens.weight", (options.vocabulary, hidden)
    for layer in range(options.layers):
        prefix = f"model.layers.{layer}."
        yield prefix + "input_layernorm.weight", (hidden,)
        yield prefix + "mlp.down_proj.weight", (hidden, ffn)
        yield prefix + "mlp.gate_proj.weight", (ffn, hidden)
        yield prefix + "mlp.up_proj.weight", (ffn, hidden)
        yield prefix + "post_attention_layernorm.weight", (hidden,)
        yield prefix + "self_attn.k_proj.weight", (kv, hidden)
        yield prefix + "self_attn.o_proj.weight", (hidden, hidden)
        yield prefix + "self_attn.q_proj.weight", (hidden, hidden)
        yield prefix + "self_attn.v_proj.weight", (kv, hidden)
    yield "model.norm.weight", (hidden,)


def tensor_bytes(shape):
    count = 2
    for size in shape:
        count *= size
    return count


def norm_weights(rng, count):
    """Norm weights between 0.5 and 1.5."""
    return b"".join(bf16(0.5 + rng.random()) for _ in range(count))


def normal_weights(rng, count, deviation=DEVIATION):
    chosen, out = rng.randbytes(count), bytearray(2 * count)
    low, high = tables(deviation)
    out[0::2], out[1::2] = chosen.translate(low), chosen.translate(high)
    return out


def embedding(rng, rows, hidden):
    """Rows 2k and 2k + 1 share three quarters of their numbers: a word, and the same word again."""
    out, row, kept = bytearray(), b"", hidden * 3 // 4
    for number in range(rows):
        row = row[:2 * kept] if number % 2 else b""
        row += normal_weights(rng, hidden - len(row) // 2)
        out += row
    return out


def write_tensor(file, name, shape, rng, deviation):
    if name == "model.embed_tokens.weight":
        file.write(embedding(rng, *shape))
        return
    if len(shape) == 1:
        file.write(norm_weights(rng, shape[0]))
        return
    count = shape[0] * shape[1]
    for first in range(0, count, WRITE_WEIGHTS):
        file.write(normal_weights(rng, min(WRITE_WEIGHTS, count - first), deviation))


def write_file(path, named, rng, options):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in named:
        end = offset + tensor_bytes(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in named:
            write_tensor(file, name, shape, rng, deviation_of(name, options))


def write_weights(folder, options, rng):
    """One file, or `options.files` of about equal size with an index."""
    named = list(shapes(options))
    total = sum(tensor_bytes(shape) for _, shape in named)
    if options.files == 1:
        write_file(folder / "model.safetensors", named, rng, options)
        return total
    parts, filled = [[] for _ in range(options.files)], 0
    for name, shape in named:
        parts[filled * options.files // total].append((name, shape))
        filled += tensor_bytes(shape)
    where = {}
    for number, part in enumerate(parts, 1):
        file_name = f"model-{number:05}-of-{options.files:05}.safetensors"
        where.update((name, file_name) for name, _ in part)
        write_file(folder / file_name, part, rng, options)
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")
    return total


def config(options):
    return {"architectures": ["LlamaForCausalLM"], "model_type": "llama",
            "hidden_size": options.hidden, "intermediate_size": options.ffn,
            "num_hidden_layers": options.layers, "num_attention_heads": 4, "num_key_value_heads": 1,
            "vocab_size": options.vocabulary, "tie_word_embeddings": True, "hidden_act": "silu",
            "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "torch_dtype": "bfloat16"}


def tokenizer(options):
    """A byte-pair vocabulary without merges. Tokens 2k and 2k + 1 are a word without and with a
    space in front."""
    strings = {"<unk>": 0, "<s>": 1, "</s>": 2}
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    for t in range(3, options.vocabulary):
        word, rest = "", t // 2 + 70
        while rest:
            rest, digit = divmod(rest, len(syllables))
            word += syllables[digit]
        strings["\u0120" * (t % 2) + word] = t
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    added = [{"id": t, "content": s, **flags, "special": True}
             for s, t in list(strings.items())[:3]]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                  "use_regex": True}
    return {"version": "1.0", "added_tokens": added, "pre_tokenizer": byte_level,
            "decoder": byte_level, "model": {"type": "BPE", "vocab": strings, "merges": []}}


def main():
    parser = argparse.ArgumentParser(description="makes a synthetic dense checkpoint")
    parser.add_argument("folder", type=pathlib.Path)
    for name, default in (("hidden", 256), ("ffn", 768), ("layers", 4), ("vocabulary", 2048),
                          ("files", 1), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N")
    parser.add_argument("--trend", action="store_true",
                        help="attention weights grow with depth, as those of real models do")
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    total = write_weights(options.folder, options, random.Random(options.seed))
    (options.folder / "config.json").write_text(json.dumps(config(options), indent=2) + "\n")
    (options.folder / "tokenizer.json").write_text(json.dumps(tokenizer(options)) + "\n")
    print(f"{options.folder}: {total} bytes of weights")


if __name__ == "__main__":
    main()
