"""A mixture-of-experts checkpoint of any size that takes next to no disk.

Shards are sparse files: headers, norm weights and router are stored, and all other matrices are
ranges of the map that generated_reads.c gives weights to. The weights are those of a pool of random
bf16 numbers, from another place for each MiB, so they repeat after some time, and nothing that the
program does depends on that: it reads them like any others. Names are those of Mixtral. Standard
library only.
"""
import dataclasses
import json
import math
import pathlib
import random
import struct
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import make_model  # noqa: E402

POOL_BYTES = 16 << 20
SHARD_BYTES = 4 << 30


@dataclasses.dataclass
class Shape:
    """Sizes of one of the largest open models, unless they are made smaller."""
    hidden: int = 7168
    ffn: int = 2048
    experts: int = 384
    layers: int = 61
    heads: int = 64
    vocabulary: int = 163840

    def head_size(self):
        return self.hidden // self.heads

    def tensors(self):
        """(name, shape) in the order of the files."""
        kv = max(1, self.heads // 8) * self.head_size()
        yield "model.embed_tokens.weight", (self.vocabulary, self.hidden)
        for layer in range(self.layers):
            prefix = f"model.layers.{layer}."
            moe = prefix + "block_sparse_moe."
            yield prefix + "input_layernorm.weight", (self.hidden,)
            yield prefix + "post_attention_layernorm.weight", (self.hidden,)
            for name, rows in (("q", self.hidden), ("k", kv), ("v", kv)):
                yield f"{prefix}self_attn.{name}_proj.weight", (rows, self.hidden)
            yield f"{prefix}self_attn.o_proj.weight", (self.hidden, self.hidden)
            yield moe + "gate.weight", (self.experts, self.hidden)
            for expert in range(self.experts):
                for name in ("w1", "w3"):
                    yield f"{moe}experts.{expert}.{name}.weight", (self.ffn, self.hidden)
                yield f"{moe}experts.{expert}.w2.weight", (self.hidden, self.ffn)
        yield "model.norm.weight", (self.hidden,)
        yield "lm_head.weight", (self.vocabulary, self.hidden)

    def bytes(self):
        return sum(make_model.tensor_bytes(shape) for _, shape in self.tensors())

    def config(self):
        return {"architectures": ["MixtralForCausalLM"], "model_type": "mixtral",
                "hidden_size": self.hidden, "intermediate_size": self.ffn,
                "num_hidden_layers": self.layers, "num_attention_heads": self.heads,
                "num_key_value_heads": max(1, self.heads // 8),
                "num_local_experts": self.experts, "num_experts_per_tok": 8,
                "vocab_size": self.vocabulary, "tie_word_embeddings": False,
                "hidden_act": "silu", "rms_norm_eps": 1e-5, "torch_dtype": "bfloat16"}


def shape_of(size):
    """The shape with as many layers of as many experts as make about `size` bytes."""
    shape = Shape()
    none, one, two = (dataclasses.replace(shape, layers=layers, experts=experts).bytes()
                      for layers, experts in ((0, 1), (1, 1), (1, 2)))
    expert, rest = two - one, one - none - (two - one)  # of a layer
    if size > none + rest + 8 * expert:
        shape.layers = math.ceil((size - none) / (rest + Shape.experts * expert))
        shape.experts = round(((size - none) / shape.layers - rest) / expert)
        return shape
    # A small one, for tests of this measurement.
    shape = Shape(hidden=512, ffn=512, experts=8, heads=8, vocabulary=4096, layers=1)
    of_layer = shape.bytes() - dataclasses.replace(shape, layers=0).bytes()
    shape.layers = max(2, round(size / of_layer))
    return shape


def shards_of(shape, shard_bytes):
    out, filled = [[]], 0
    for name, sizes in shape.tensors():
        count = make_model.tensor_bytes(sizes)
        if filled and filled + count > shard_bytes:
            out.append([])
            filled = 0
        out[-1].append((name, sizes))
        filled += count
    return out


def write_shard(path, named, rng, map_lines):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, sizes in named:
        end = offset + make_model.tensor_bytes(sizes)
        header[name] = {"dtype": "BF16", "shape": sizes, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    start = 8 + len(text)
    map_lines.append(f"F {path}")
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, sizes in named:
            begin, end = (start + at for at in header[name]["data_offsets"])
            if len(sizes) == 1:
                file.seek(begin)
                file.write(make_model.norm_weights(rng, sizes[0]))
            else:
                map_lines.append(f"R {begin} {end}")
        file.truncate(start + offset)


def make(folder, shape, shard_bytes=SHARD_BYTES):
    """Writes model, pool, map and the library to preload below `folder`; the environment to use."""
    folder, model = folder.resolve(), folder.resolve() / "model"
    model.mkdir(parents=True)
    rng = random.Random(1)
    pool, where = folder / "pool", {}
    pool.write_bytes(make_model.normal_weights(rng, POOL_BYTES // 2))
    lines, shards = [str(pool)], shards_of(shape, shard_bytes)
    for number, named in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        where.update((tensor, name) for tensor, _ in named)
        write_shard(model / name, named, rng, lines)
    index = {"metadata": {"total_size": shape.bytes()}, "weight_map": where}
    (model / "model.safetensors.index.json").write_text(json.dumps(index) + "\n")
    (model / "config.json").write_text(json.dumps(shape.config()) + "\n")
    (model / "tokenizer.json").write_text(json.dumps(make_model.tokenizer(shape)) + "\n")
    (folder / "map").write_text("\n".join(lines) + "\n")
    library = folder / "generated_reads.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library,
                    TOP / "tests" / "scale" / "generated_reads.c", "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "WMK_SCALE_MAP": str(folder / "map")}
