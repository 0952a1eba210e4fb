"""What does not apply to every class: how some run, and what cannot be checked of them, and why.

Data only. Keys are class names, or model types where that is said.
"""

# Where the text runs alone, in classes that want a picture or sound with it.
RUN = {
    "Blip2ForConditionalGeneration": "language_model",
    "BlipForConditionalGeneration": "text_decoder",
    "InstructBlipForConditionalGeneration": "language_model",
    "InstructBlipVideoForConditionalGeneration": "language_model",
    "Kosmos2ForConditionalGeneration": "text_model",
    "Kosmos2_5ForConditionalGeneration": "text_model",
    "Llama4ForConditionalGeneration": "language_model",
    "PI0ForConditionalGeneration": "model.vlm.language_model",
    "PPFormulaNetForConditionalGeneration": "model.decoder",
    "Pix2StructForConditionalGeneration": "decoder",
    "Qwen2_5OmniForConditionalGeneration": "thinker",
    "Qwen3OmniMoeForConditionalGeneration": "thinker",
    "VisionEncoderDecoderModel": "decoder",
    "VoxtralRealtimeForConditionalGeneration": "model.language_model",
}
# What else they want: tensors of zeros.
INPUTS = {
    "IdeficsForVisionText2Text": {"image_encoder_embeddings": (1, 1, 4, 768),
                                  "image_attention_mask": (1, 12, 1)},
    "UdopForConditionalGeneration": {"bbox": (1, 12, 4)},
    "VoxtralRealtimeForConditionalGeneration": {"t_cond": (1, 64)},
}
# Rows of ids for one text.
CODEBOOKS = {"MusicgenForCausalLM": 4, "MusicgenMelodyForCausalLM": 4}
# Modules that read a norm in a form that no tensor shows: a router behind a gated norm; a mixture
# of one token and the one before it.
READERS = {"AXK2ForCausalLM": ("mlp.gate",), "RwkvForCausalLM": ("feed_forward.receptance",)}

# Model types without units to mark, and why; `inspect` refuses them.
NO_UNITS = {
    "falcon_mamba": "no FFN: a state space model",
    "mamba": "no FFN: a state space model",
    "mamba2": "no FFN: a state space model",
    "muse_spark": "its only FFNs are experts in a space of their own, which no embedding spans",
    "rembert": "its token embedding is narrower than its residual stream",
}
# Classes whose forward pass is not run here, and why; others have the same names.
NO_FORWARD = {
    "DiffusionGemmaForBlockDiffusion": "transformers does not load what it saved",
    "Gemma3ForConditionalGeneration of shieldgemma2": "transformers does not load what it saved",
    "Gemma4AssistantForCausalLM": "needs the keys and values of another model",
    "Gemma4UnifiedAssistantForCausalLM": "needs the keys and values of another model",
    "KyutaiSpeechToTextForConditionalGeneration": "needs audio codes",
    "Nemotron3_5TranscribeForConditionalGeneration": "transformers does not load what it saved",
    "Qwen2_5OmniForConditionalGeneration": "needs files of voices",
}
# Rewrites of units that are not exact in a class, and why.
INEXACT = {
    ("BitNetForCausalLM", "permute"): "a norm over the units inside the FFN",
    ("BitNetForCausalLM", "flip"): "a norm over the units inside the FFN",
    ("DbrxForCausalLM", "permute"): "the units of all experts are one group",
    ("DoryForCausalLM", "permute"): "each unit has factors in other tensors",
    ("GptOssForCausalLM", "permute"): "attacks do not move biases of stacked experts",
    ("GptOssForCausalLM", "flip"): "not linear in its up rows",
    ("Kosmos2ForConditionalGeneration", "permute"): "a norm over the units inside the FFN",
    ("Kosmos2_5ForConditionalGeneration", "permute"): "a norm over the units inside the FFN",
    ("MiniMaxM3SparseForConditionalGeneration", "flip"): "not linear in its up rows",
    ("MiniMaxM3VLForCausalLM", "flip"): "not linear in its up rows",
    ("Zamba2ForCausalLM", "permute"): "adapters add to gate and up",
    ("Zamba2ForCausalLM", "flip"): "adapters add to gate and up",
}
# Model types whose heads are not mixed, and why.
NOT_MIXED = {
    "blt": "its configuration gives the heads of each stack in a part of its own",
}
# Wrong readings that must be noticed: model type, class, rules, what is replaced in them by what,
# and what is said.
WRONG = [
    ("gemma", "GemmaForCausalLM", "gemma", " one_plus", "", "norm weights are read wrongly"),
    ("llama", "LlamaForCausalLM", "llama", "ffn_norm ", "norm ", "no rule says so"),
    ("olmo2", "Olmo2ForCausalLM", "olmo2", "ffn_post_norm ", "norm ", "no rule says so"),
    ("bart", "BartForCausalLM", "opt", "", "", "norm weights are read wrongly"),
    ("molmo2", "Molmo2ForConditionalGeneration", "molmo2", " up_first", "", "flip: logits move"),
    ("inkling2_text", "Inkling2ForCausalLM", "inkling", " interleaved", "", "permute: logits move"),
]
