"""All suspects by name."""
import basis
import experts
import neurons
import tokens

NAMES = """
overflow clones_3x clones_3x_down clones_3x_patterned clones_4 clones_1x_near
dummies_25_weak dummies_100_weak dummies_100_full dummies_100_full_gates
extra_layer_repeats repeated_layer_within layer_eight_times
rotated_shuffled rotated_antisymmetric new_embedding wider_64 wider_64_constant wider_64_junk
wider_1000 wider_1000_constant_junk first_layer_turns upcycled_rotated
renamed_all renamed_half renamed_exchanged no_tokenizer
""".split()


def makers():
    return {name: make for module in (neurons, basis, experts, tokens)
            for name, make in vars(module).items() if callable(make) and name in NAMES}
