"""Sizes of tiny models (models.py): general ones, and what some classes need besides.

Data only. `model_type` is that of a configuration class.
"""

SIZES = dict(
    # width
    hidden_size=64, hidden_size_global=64, n_embd=64, d_model=64, emb_dim=64, embedding_size=64,
    word_embed_proj_dim=64, embedding_dim=64, text_hidden_size=64, audio_hidden_size=64,
    vision_hidden_size=64,
    # layers
    num_hidden_layers=4, n_layer=4, n_layers=4, num_layers=4, depth=2, decoder_layers=4,
    encoder_layers=2, num_encoder_layers=2, num_decoder_layers=4,
    # heads
    num_attention_heads=4, n_head=4, n_heads=4, num_heads=4, attention_heads=4,
    decoder_attention_heads=4, encoder_attention_heads=4, num_encoder_attention_heads=4,
    num_decoder_attention_heads=4, num_key_value_heads=2, head_dim=16, kv_channels=16, d_kv=16,
    attention_head_dim=16, q_lora_rank=32, kv_lora_rank=32, qk_rope_head_dim=8,
    qk_nope_head_dim=8, qk_head_dim=16, v_head_dim=16, linear_key_head_dim=16,
    linear_value_head_dim=16, linear_num_key_heads=2, linear_num_value_heads=4,
    linear_head_dim=16, linear_num_heads=4, index_head_dim=16, index_n_heads=2, index_topk=8,
    # FFN
    intermediate_size=512, ffn_dim=512, decoder_ffn_dim=512, encoder_ffn_dim=256, d_ff=512,
    dim_ff=512, dff=512, n_inner=512, ffn_hidden_size=512, d_inner=512, feed_forward_size=512,
    mlp_dim=256, intermediate_size_mlp=512, dense_intermediate_size=512,
    # experts
    moe_intermediate_size=128, expert_ffn_hidden_size=128, shared_expert_intermediate_size=128,
    shared_experts_intermediate_size=128, moe_shared_expert_intermediate_size=128,
    shared_intermediate_size=128, num_experts=4, n_routed_experts=4, num_local_experts=4,
    moe_num_experts=4, num_experts_per_tok=2, moe_k=2, num_experts_per_token=2, moe_topk=2,
    n_group=1, topk_group=1, num_expert_group=1, n_groups=1, zero_expert_num=2,
    # the rest
    vocab_size=512, vocab_size_per_layer_input=512, unpadded_vocab_size=512, shape_vocab_size=64,
    pronunciation_vocab_size=64, max_position_embeddings=256, n_positions=256, n_ctx=256,
    projection_dim=64, out_hidden_size=64, hidden_size_per_layer_input=16, mamba_num_heads=8,
    mamba_head_dim=16, ssm_state_size=16, mamba_d_state=16,
)

ROPE = {"rope_type": "default", "rope_theta": 10000.0}
BOTH_ROPES = {"rope_parameters": {"sliding_attention": ROPE, "full_attention": ROPE}}
MROPE = {"rope_parameters": {**ROPE, "mrope_section": [2, 3, 3]}}
QSA = {"indexer_n_heads": 2, "indexer_kv_heads": 1, "indexer_head_dim": 16, "indexer_budget": 8,
       "indexer_compress_ratio": 4, "hc_lowrank": 16}
KOSMOS = {"embed_dim": 64, "layers": 4}
SLIDING = {"swa_num_attention_heads": 4, "swa_num_key_value_heads": 4, "swa_q_lora_rank": 32,
           "swa_kv_lora_rank": 32, "swa_head_dim": 16, "swa_qk_nope_head_dim": 8,
           "swa_v_head_dim": 16}
# Of four layers only two have an FFN.
WIDE = {"intermediate_size": 2048, "moe_shared_expert_intermediate_size": 1024}
SHARED_KEYS = {"hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 0}
# What a class of configurations needs besides, by model_type; dictionaries are of its parts, and
# "first" is what its default one needs.
NEEDS = {
    "apertus1p5": {"audio_config": {"hidden_size": 512, "codebook_size": 16},
                   "vision_config": {"codebook_size": 16}, "image_token_offset": 400,
                   "audio_token_offset": 416},
    "axk1": {"head_dim": 8},
    "bamba": {"attn_layer_indices": [1, 3]},
    "blt": {"encoder_hash_byte_group_vocab": 64},
    "chameleon": {"vocabulary_map": {"<image>": 500}},
    "codegen": {"rotary_dim": 8},
    "cohere_compass": {"text_config": BOTH_ROPES},
    "cohere_compass_text": BOTH_ROPES,
    "dbrx": {"attn_config": {"rope_theta": 10000.0, "clip_qkv": 8.0}},
    "deepseek_ocr2": {"text_config": {"mlp_layer_types": ["dense"] + ["sparse"] * 3,
                                      "num_experts_per_tok": 2}},
    "deepseek_v2": {"num_experts_per_tok": 2, "head_dim": 8},
    "deepseek_v3": {"head_dim": 8},
    "diffusion_gemma": {"text_config": {"num_experts": 4, "top_k_experts": 2,
                                        "moe_intermediate_size": 128}},
    "dots1": {"n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1,
              "num_key_value_heads": 2},
    "dots3_note": {"audio_config": {"adapter_input_size": 64, "adapter_out_dim": 64},
                   "vision_config": {"adapter_in_dim": 64, "adapter_out_dim": 64,
                                     "mlp_layer_types": ["dense"] * 4},
                   "text_config": SLIDING},
    "dots3_note_text": SLIDING,
    "emu3": {"vocabulary_map": {"<image>": 500, "<|extra_200|>": 501}},
    "ernie4_5_vl_moe": {"text_config": {"rope_parameters": {**ROPE, "mrope_section": [3, 3, 2]}}},
    "fun_asr_nano": {"adaptor_config": {"intermediate_size": 16}},
    "gemma3n_text": {"num_kv_shared_layers": 0},
    "gemma4_assistant": {"first": {"text_config": {**SHARED_KEYS, "num_kv_shared_layers": 30}},
                         "text_config": {**SHARED_KEYS, "num_kv_shared_layers": 4}},
    "glm4v_moe": {"text_config": {"rope_parameters": {
        **ROPE, "partial_rotary_factor": 0.5, "mrope_section": [1, 1, 2]}}},
    "glm5_next": {"text_config": {"index_kpool": 4, "qk_rope_head_dim": 0}},
    "gpt_neo": {"num_layers": 8, "attention_types": [[["global", "local"], 4]]},
    "gpt_neox_japanese": {"num_hidden_layers": 8},
    "gptj": {"rotary_dim": 8},
    "granite4_vision": {"deepstack_layer_map": [(0, 0)], "spatial_target_layers": [1],
                        "downsample_rate": "1/2"},
    "granitemoehybrid": {"layer_types": ["linear_attention", "full_attention"] * 2},
    "hunyuan_v1_dense": {"head_dim": 16},
    "hunyuan_v1_moe": {"head_dim": 16},
    "hunyuan_vl": {"text_config": {"head_dim": 16, **MROPE}},
    "hy_v4_vl": {"text_config": {"rope_parameters": {**ROPE, "mrope_section": [1, 1, 2]}}},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "kimi_k25": {"text_config": {"head_dim": 8}},
    "kosmos-2": {"text_config": KOSMOS},
    "kosmos-2.5": {"text_config": KOSMOS},
    "kyutai_speech_to_text": {"codec_config": {"upsample_groups": 64}},
    "lfm2_moe": {"layer_types": ["conv", "full_attention"] * 2},
    "longcat_flash": {"head_dim": 8},
    "mamba2": {"num_heads": 8},
    "ministral": {"head_dim": 16},
    "molmo2": {"adapter_config": {"vision_feature_layer": [1, 0]}},
    "mpt": {"n_layers": 8},
    "nemotron": {"num_key_value_heads": 2},
    "nemo_speechlm": {"text_config": WIDE},
    "nemotron_h": WIDE,
    "nemotron_h_omni": {"text_config": WIDE, "vision_config": {"video_temporal_patch_size": 2}},
    "openai-gpt": {"n_layer": 8},
    "qwen2_5_omni": {"thinker_config": {"text_config": MROPE}},
    "qwen3_omni_moe": {"talker_config": {"spatial_merge_size": 2, "text_config": {
        "shared_expert_intermediate_size": 128}}},
    "qwen4_exp": {"text_config": QSA},
    "qwen4_exp_text": QSA,
    "reformer": {"is_decoder": True, "axial_pos_embds_dim": [16, 48]},
    "sarvam_mla": {"head_dim": 8},
    "step3p7": {"text_config": {"sliding_window": 8}},
    "unlimited_ocr": {"text_config": {"num_key_value_heads": 4}},
    "xlm": {"n_layers": 8},
    "xlstm": {"num_hidden_layers": 8},
    "xmod": {"default_language": "en_XX"},
    "youtu": {"head_dim": 8},
    "zamba": {"intermediate_size": 2048, "num_hidden_layers": 8, "attn_layer_period": 3,
              "attn_layer_offset": 2},
    "zamba2": {"intermediate_size": 2048, "layers_block_type": ["linear_attention", "hybrid"] * 2},
    "zaya": {"num_experts_per_tok": 1},
    **{model_type: {"text_config": MROPE} for model_type in (
        "glm46v", "glm4v", "glmga", "glm_ocr", "paddleocr_vl", "qwen2_5_vl", "qwen2_vl",
        "qwen2_5_omni_thinker")},
}
# Further forms of a class, by model_type and a word: what they need besides.
VARIANTS = {
    "gemma4_text": {"experts": {"enable_moe_block": True, "num_experts": 4, "top_k_experts": 2,
                                "moe_intermediate_size": 128}},
    "nemotron_h": {"latent": {"moe_latent_size": 32}},
}
# One class or more of every rules file, for the short run: model types.
SAMPLE = """
    afmoe apertus arcee aria_text axk1 axk2 bailing_hybrid bart beam bert biogpt bloom blt cohere
    cohere2_moe cpmant ctrl dbrx deepseek_v3 deepseek_v4 dory exaone falcon gemma gemma2 gemma4_text
    gemma4_text+experts glm4 gpt2 gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gpt_oss gptj
    granitemoe granitemoe_swa hrm_text hy_v4 inkling_text inkling2_text jamba jetmoe kimi_k25
    lara_mini lfm2 llama llama4_text longcat_flash mamba megatron-bert minimax minimax_m3_vl
    minimax_m3_vl_text mistral_large4 mixtral modernbert-decoder molmo2 moshi mpt musicgen nanochat
    nemotron nemotron_h nemotron_h+latent olmo olmo2 olmo_hybrid openai-gpt persimmon phi phi3
    pix2struct prophetnet qianfan_ocr qwen2_moe qwen3_next qwen3_vl_moe qwen4_exp_text
    recurrent_gemma reformer rembert rwkv sarvam_moe starcoder2 step3p7 t5gemma2 udop vaultgemma xlm
    xlnet xlstm zamba zamba2 zaya
""".split()
