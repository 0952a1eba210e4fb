#include "lineage/verdict_wording.h"

namespace wmk::lineage {

namespace {

// By LineageVerdict.
constexpr VerdictWording kVerdicts[] = {
    {"derived", "derived", "the two models share weights in independent places",
     "Weights of the suspect agree with those of the reference in at least two independent groups "
     "of tensors, far beyond what two separately trained models can reach by chance, and as "
     "closely as copies do. The two have a common ancestor: one was made from the other, or both "
     "from a third.",
     "It does not show who copied from whom: every test here would say the same with the two "
     "exchanged. Nor does it show whether this was permitted. Dates, licences and contracts do."},
    {"partly_derived", "partly derived", "the two models share weights in some parts",
     "Part of the suspect agrees with the reference far beyond chance and as closely as copies do. "
     "Of the other parts the reason below says what was found; a part is called new only if "
     "nothing about it stands out.",
     "It does not show who copied from whom, nor whether this was permitted. A part that is called "
     "new may come from a third model that was not compared, or was changed in a way that the "
     "tests do not see."},
    {"shared_component", "shared component",
     "one component is shared, which does not speak about the rest",
     "The component named below agrees far beyond chance. Vision towers and embeddings are often "
     "taken from public models, so that both sides may have it from a third.",
     "It says nothing about the rest of the suspect, and does not show who had the component "
     "first."},
    {"shared_initialisation_possible", "shared initialisation possible",
     "the two may only have started from the same initial weights",
     "The weights agree beyond chance, but less closely than copies do, and the norm weights, "
     "which start equal in all models, do not agree or cannot be tested. Two trainings from the "
     "same random initialisation look like this.",
     "It is not a finding of copying. It does not exclude copying either."},
    {"no_shared_weights", "no shared weights", "nothing agrees beyond chance",
     "Every family of tensors that can be compared agrees no better than in two separately "
     "trained models, in the suspect's own coordinates and in those that the embeddings suggest. "
     "Each test states how small an agreement it could have detected, and what it cannot see.",
     "It does not exclude that the suspect was trained on the reference's answers or on the same "
     "data, that long training has removed every trace, or that a copy was changed in every way "
     "that the tests do not see, such as rotated coordinates together with a new embedding."},
    {"not_enough_evidence", "not enough evidence",
     "neither shared weights nor their absence can be shown",
     "Too little could be compared, the agreement is too weak to come from copying, or something "
     "stands out that decides nothing. The reason and the tests below show which.",
     "It supports neither side."}};

// By VerdictRule.
constexpr std::string_view kRules[] = {
    "If fewer than two of the families attention v/o, attention q/k and feed-forward can be "
    "compared, and no component beside them agrees: not enough evidence.",
    "If families agree in the suspect's own coordinates, but less closely than copies do, and the "
    "norm weights do not agree, or cannot be tested: shared initialisation possible.",
    "If families of one component (attention, or feed-forward) agree, and the other component was "
    "compared and shows nothing: partly derived.",
    "If two or more families agree: derived.",
    "If a single family agrees, and the other component was compared but is undecided: partly "
    "derived.",
    "If no family of the language model agrees, but another tower does in both its families, or "
    "the token embedding: shared component.",
    "If the p of some family is that of an agreement, but the agreement is below a tenth, so that "
    "either side could have planted it: not enough evidence.",
    "If every family that can be compared shows nothing, nothing about it stands out, and every "
    "basis could be tried: no shared weights.",
    "Otherwise: not enough evidence."};

// By TensorFamily.
constexpr std::string_view kFamilyDescriptions[] = {
    "Attention, value and output (v/o)",
    "Attention, query and key (q/k)",
    "Norm weights, and biases of attention (gains)",
    "Feed-forward neurons, including experts (ffn)",
    "Attention of another tower, vision or audio (tower v/o)",
    "Feed-forward neurons of another tower (tower ffn)",
    "Token embedding (embedding)",
    "None"};

}  // namespace

std::string_view to_string(LineageVerdict verdict) { return wording_of(verdict).code; }

const VerdictWording& wording_of(LineageVerdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)];
}

std::span<const std::string_view> rule_sentences() { return kRules; }

std::string_view description_of(TensorFamily family) {
  return kFamilyDescriptions[static_cast<size_t>(family)];
}

}  // namespace wmk::lineage
