"""The table of suspects: what each is, which questions are asked of it, and what must come out.

A question is asked of the suspect made from the marked model and of its twin, made from the
unmarked original or from an unrelated model, which must never show a hit. Verdicts are those of
`detect --json` and of `compare --json`. z is the smallest that passes.
"""
import dataclasses

HIT = ("conclusive", "detected")
NEVER_NO = ("conclusive", "detected", "undecided")
# The further options of each question; {marked} and others are folders of the runner.
OPTIONS = {
    "blind": [],
    "heads": ["--sites", "ffn,heads"],
    "heads, release": ["--sites", "ffn,heads", "--release", "{marked}"],
    "record": ["--record", "{record}"],
    "release": ["--release", "{marked}"],
    "original": ["--release", "{marked}", "--original", "{original}"],
    "fitted": ["--release", "{fitted}"],
    "fitted, control": ["--release", "{fitted}", "--control", "{original}"],
}


@dataclasses.dataclass(frozen=True)
class Question:
    asked: str
    verdicts: tuple
    z: float = None
    claim: str = None      # of the answer, where it is a hit
    has_note: bool = False
    next_step: str = None  # what an undecided answer must name


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    says: str
    questions: tuple
    base: str = None       # made from the original first, and marked itself
    source: str = "marked"
    is_renewed: bool = False  # all FFNs become noise first, so that heads must decide


def found(z, **more):
    return Question("blind", ("conclusive",), z, **more)


def by_heads(z):
    return Question("heads", ("conclusive",), z)


def carried(z, asked="release"):
    return Question(asked, HIT, z, claim="conditional")


NOT_NO = Question("blind", NEVER_NO)
POINTS_ON = Question("blind", NEVER_NO, next_step="--release")
DERIVED = Question("compare", ("derived",))
NOTED = found(32, has_note=True)


def rows(says, questions, *names, **more):
    return [Row(name, says, tuple(questions), **more) for name in names]


EXPERTS = [f"experts_{packing}" for packing in (
    "halves_as_gpt_oss", "halves_as_llama4", "interleaved_as_qwen3_moe", "interleaved_as_llama4",
    "halves_transposed_as_gpt_oss", "halves_transposed_as_qwen3_moe",
    "interleaved_transposed_as_llama4", "interleaved_transposed_as_qwen3_moe")]

ROWS = [
    *rows("up x 2^70, down x 2^-70", [found(32), DERIVED], "overflow"),
    *rows("3 or 4 clones of one gate, noise that cancels", [found(32)], "clones_3x", "clones_4",
          "clones_3x_down", "clones_3x_patterned"),
    *rows("3 clones, noise 1x, gates 5 % apart", [found(30)], "clones_1x_near"),
    *rows("weak dummies in patterns of 128", [found(32)], "dummies_25_weak", "dummies_100_weak"),
    *rows("dummies at full strength", [NOT_NO], "dummies_100_full", "dummies_100_full_gates"),
    *rows("a layer of repeated neurons", [found(30)], "extra_layer_repeats",
          "repeated_layer_within"),
    *rows("one layer eight times", [Question("blind", HIT, 20)], "layer_eight_times"),
    *rows("gate and up named the other way", [found(32), DERIVED], "gate_up_swapped"),
    *rows("names", [found(32)], "opaque_names", "opaque_names_sorted", "opaque_names_no_type",
          "prefixed", "w1_names", "wi_names", "slashes", "underscores", "numbers_padded",
          "stacked_layers", "stacked_kernels"),
    *rows("names and order", [NOT_NO], "opaque_names_any_order"),
    *rows("gate and up in one tensor, packed otherwise", [found(32)], "fused_up_first",
          "fused_interleaved", "fused_of_four_ranks"),
    *rows("experts in one tensor, packed as another type", [found(32)], *EXPERTS),
    *rows("norm weights moved", [found(30)], "norms_moved", "norms_moved_type_hidden",
          "norms_moved_type_gemma", "norms_moved_type_olmo2", "norms_moved_llm_config",
          "norms_moved_both_types", "one_plus_stored", "norms_exchanged"),
    *rows("two models in a file or folder", [NOTED], "two_families", "decoy_index",
          "shards_beside_decoy", "variant_beside_decoy", "subfolder_beside_decoy", "gguf_beside",
          "safetensors_beside_gguf"),
    *rows("fast_tokenizer_files", [NOTED], "fast_tokenizer_files"),
    *rows("heads in the config", [found(32), DERIVED],
          "heads_wrong", "heads_missing", "kv_channels"),
    *rows("numbers to undo", [found(25)], "quip", "spinquant_r4", "int8_zero_points",
          "int8_unused_zero_points"),
    *rows("one tokenizer file", [found(32)], "only_tekken", "only_qwen_tiktoken", "only_tiktoken",
          "only_vocab_merges", "only_gguf"),
    # SentencePiece cannot name 200 tokens of this model, which are parts of characters.
    *rows("one tokenizer file", [found(30)], "only_sentencepiece"),
    *rows("strings renamed, or no tokenizer", [POINTS_ON, carried(26), carried(31, "original")],
          "renamed_all", "renamed_exchanged", "renamed_half", "no_tokenizer"),
    *rows("attention and FFNs new, tokens renamed and shuffled",
          [POINTS_ON, carried(30), carried(30, "original")], "only_head_renamed"),
    *rows("and 30 % of noise on the head", [POINTS_ON, carried(20, "original")],
          "only_head_noisy"),
    *rows("rotated, renamed, neurons and layers shuffled", [POINTS_ON, carried(26), DERIVED],
          "rotated_shuffled", "rotated_antisymmetric"),
    *rows("and a new embedding, further dimensions", [POINTS_ON, carried(25), DERIVED],
          "new_embedding", "wider_64", "wider_64_constant", "wider_64_junk", "wider_64_junk_mixed",
          "wider_1000", "wider_1000_constant_junk"),
    # Its output head shows the mark under its own labels, which needs no condition.
    *rows("a first layer turns the embedding", [NOT_NO, Question("release", HIT, 25)],
          "first_layer_turns"),
    *rows("multiples of ones behind a LayerNorm", [found(30)], "layernorm_ones",
          base="layernorm_model"),
    *rows("another tokenizer, shared rows kept",
          [Question("record", HIT, 9), carried(26)], "tokensurgeon"),
    *rows("the tokenizer of another model", [NOT_NO, Question("record", HIT, 9), carried(26)],
          "tokenizer_of_llama3", "tokenizer_of_qwen", "tokenizer_of_nemo"),
    *rows("clones or dummies, rotated, renamed, new embedding", [NOT_NO, carried(25)],
          "clones_rotated_new_embedding", "dummies_rotated_new_embedding"),
    *rows("upcycled, half new, rotated, renamed, new embedding", [NOT_NO, carried(14)],
          "upcycled_rotated"),
    *rows("new FFNs; values x 2^70 or rows x 2^+-100, outputs by the inverse", [by_heads(17)],
          "heads_overflow", "heads_overflow_rows", is_renewed=True),
    *rows("new FFNs; heads of one pattern, noise that cancels", [by_heads(17)], "heads_clones",
          "heads_clones_values", "heads_split", is_renewed=True),
    *rows("new FFNs; weak, empty or cancelling heads", [by_heads(17)], "heads_dummies_weak",
          "heads_dummies_100_weak", "heads_junk", "heads_cancel", "heads_uniform",
          is_renewed=True),
    *rows("new FFNs; dummy heads at full strength", [Question("heads", NEVER_NO)],
          "heads_dummies_100_full", is_renewed=True),
    *rows("new FFNs; names and numbers of heads", [by_heads(17)], "heads_opaque",
          "heads_opaque_sorted", "heads_opaque_fused", "heads_of_32", "heads_of_128",
          "heads_of_other_groups", "heads_type_gemma", "heads_type_olmo2", "heads_type_phi3",
          is_renewed=True),
    *rows("new FFNs; rotated, tokens renamed and renumbered, layers shuffled",
          [Question("heads", NEVER_NO), carried(17, "heads, release")], "heads_rotated",
          is_renewed=True),
    *rows("merged 25/75", [NOT_NO], "merged_25"),
    *rows("a release fitted to the suspect's ancestor",
          [Question("fitted", NEVER_NO, claim="conditional"),
           Question("fitted, control", ("undecided",))], "trained_further", source="original"),
]
# The subset of the test suite, and those of it that are made from the unmarked model as well.
FAST = ("overflow", "gate_up_swapped", "opaque_names", "one_plus_stored", "decoy_index",
        "only_tekken", "int8_unused_zero_points", "renamed_half", "heads_clones", "heads_of_32")
FAST_TWINS = ("gate_up_swapped", "heads_clones")
