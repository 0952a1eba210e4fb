"""All suspects by name."""
import basis
import experts
import folders
import names
import neurons
import numbers_stored
import tokenizers
import tokens

NAMES = """
overflow clones_3x clones_3x_down clones_3x_patterned clones_4 clones_1x_near
dummies_25_weak dummies_100_weak dummies_100_full dummies_100_full_gates
extra_layer_repeats repeated_layer_within layer_eight_times
rotated_shuffled rotated_antisymmetric new_embedding wider_64 wider_64_constant wider_64_junk
wider_64_junk_mixed wider_1000 wider_1000_constant_junk first_layer_turns upcycled_rotated
renamed_all renamed_half renamed_exchanged no_tokenizer
gate_up_swapped opaque_names opaque_names_sorted opaque_names_no_type opaque_names_any_order
prefixed w1_names wi_names slashes underscores numbers_padded stacked_layers stacked_kernels
fused_up_first fused_interleaved fused_of_four_ranks
norms_moved norms_moved_type_hidden norms_moved_type_gemma norms_moved_type_olmo2
norms_moved_llm_config norms_moved_both_types one_plus_stored norms_exchanged
experts_halves_as_gpt_oss experts_halves_as_llama4
experts_interleaved_as_qwen3_moe experts_interleaved_as_llama4
experts_halves_transposed_as_gpt_oss experts_halves_transposed_as_qwen3_moe
experts_interleaved_transposed_as_llama4 experts_interleaved_transposed_as_qwen3_moe
only_tekken only_qwen_tiktoken only_tiktoken only_sentencepiece only_vocab_merges
fast_tokenizer_files tokensurgeon quip spinquant_r4 int8_zero_points int8_unused_zero_points
two_families decoy_index shards_beside_decoy variant_beside_decoy subfolder_beside_decoy
gguf_beside safetensors_beside_gguf only_gguf heads_wrong heads_missing kv_channels
""".split()


def makers():
    return {name: make for module in (neurons, basis, experts, names, tokens, tokenizers,
                                                   numbers_stored, folders)
            for name, make in vars(module).items() if callable(make) and name in NAMES}
