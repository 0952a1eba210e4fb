"""Tiny models of the classes of transformers that generate text: which there are, and how small.

Needs torch and transformers. A tiny configuration is the class's default one with the sizes of
SIZES; what a class needs besides stands in sizes.py. Random weights of norms, biases and
other vectors are spread around their initial values, so that no two of them are equal and a wrong
reading of a norm weight (w for 1 + w) shows. Not for threads.
"""
import os

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch  # noqa: E402
import transformers  # noqa: E402
from transformers import CONFIG_MAPPING, PretrainedConfig  # noqa: E402
from transformers.models.auto import modeling_auto  # noqa: E402

from exceptions import CODEBOOKS, INPUTS, RUN  # noqa: E402
from sizes import NEEDS, SIZES, VARIANTS  # noqa: E402

SPREAD = 0.2        # of vectors, around their initial values
MATRIX_STD = 0.02   # of matrices that would be zero
VOCABULARY = SIZES["vocab_size"]


def classes():
    """Every (mapping, model_type, class name) once, the variants behind their class as
    model_type+variant."""
    out = {}
    for kind, mapping in (("causal", modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES),
                          ("multimodal", modeling_auto.MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES)):
        for model_type, name in mapping.items():
            out.setdefault((model_type, name), kind)
            for variant in VARIANTS.get(model_type, {}):
                out.setdefault((f"{model_type}+{variant}", name), kind)
    return [(kind, model_type, name) for (model_type, name), kind in out.items()]


def config_class(model_type, name):
    """A class of text models may be mapped from the configuration of the whole."""
    mapped, own = CONFIG_MAPPING[model_type], getattr(transformers, name).config_class
    return own if own in getattr(mapped, "sub_configs", {}).values() else mapped


def small_value(key, value, place):
    """What stands for `value` in a tiny configuration, or None where it stays."""
    if isinstance(value, bool):
        return None
    if key in SIZES and isinstance(value, (int, float)):
        return SIZES[key]
    if isinstance(value, int) and key.endswith(("_token_id", "_token_index")):
        low = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
        return low.get(key, VOCABULARY - 1 - place % 100 if value >= VOCABULARY else None)
    return small_rope(value) if isinstance(value, dict) else None


def small_rope(value):
    """Sections of the rotary embedding must add up to half a head."""
    if "mrope_section" in value:
        return {**value, "mrope_section": [2, 3, 3]}
    parts = {key: small_rope(part) for key, part in value.items() if isinstance(part, dict)}
    return {**value, **{k: v for k, v in parts.items() if v}} if any(parts.values()) else None


def tiny_config(kind, needs):
    """`kind`: a class of configurations. `needs`: its values, and dictionaries of its parts."""
    default = kind(**needs.get("first", {}))
    values, parts = default.to_dict(), getattr(kind, "sub_configs", {}) or {}
    chosen = {"n_inner": SIZES["n_inner"]} if "n_inner" in values else {}
    for place, (key, value) in enumerate(values.items()):
        small = None if key in parts else small_value(key, value, place)
        if small is not None:
            chosen[key] = small
    if "kv_lora_rank" in values and "num_key_value_heads" in values:  # each head has its own key
        chosen["num_key_value_heads"] = SIZES["num_attention_heads"]
    for part in parts:
        inner = getattr(default, part, None)
        if isinstance(inner, PretrainedConfig):
            chosen[part] = tiny_config(type(inner), needs.get(part, {})).to_dict()
    chosen.update({k: v for k, v in needs.items() if k not in parts and k != "first"})
    return kind(**chosen)


def spread(model, seed):
    """Moves every vector and every zero matrix by random numbers; scalars stay."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float32)
            if parameter.numel() > 1 and parameter.dim() <= 1:
                parameter.add_(SPREAD * noise)
            elif parameter.numel() > 1 and float(parameter.float().std()) == 0:
                parameter.add_(MATRIX_STD * noise)


def build(model_type, name):
    """The tiny model, in float32 and ready to run."""
    model_type, _, variant = model_type.partition("+")
    kind = config_class(model_type, name)
    needs = {**NEEDS.get(kind.model_type, {}), **VARIANTS.get(model_type, {}).get(variant, {})}
    config = tiny_config(kind, needs)
    config._attn_implementation = "eager"
    torch.manual_seed(7)
    model = getattr(transformers, name)(config)
    model.float().eval()
    spread(model, 11)
    return model


def logits(model):
    """Of a fixed text, by the text part alone: the model itself, or the part that RUN names."""
    name, part = type(model).__name__, model
    for step in RUN.get(name, "").split("."):
        part = getattr(part, step) if step else part
    ids = torch.tensor([[3, 17, 5, 101, 42, 7, 260, 33, 91, 12, 55, 8]])
    ids = ids.repeat(CODEBOOKS.get(name, 1), 1)
    given = {"decoder_input_ids": ids} if part.config.is_encoder_decoder else {}
    given.update({key: torch.zeros(shape) for key, shape in INPUTS.get(name, {}).items()})
    result = part(input_ids=ids, use_cache=False, **given)
    found = getattr(result, "logits", None)
    return (result[0] if found is None else found).detach().float()
