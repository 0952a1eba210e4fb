#include "lineage/verdict_wording.h"

namespace wmk::lineage {

namespace {

// By LineageVerdict.
constexpr VerdictWording kVerdicts[] = {
    {"derived", "derived", "the two models share weights in independent places",
     "Weights of the suspect agree with those of the reference in at least two independent groups "
     "of tensors, far beyond what two separately trained models can reach by chance. The two have "
     "a common ancestor: one was made from the other, or both from a third.",
     "It does not show who copied from whom: every test here would say the same with the two "
     "exchanged. Nor does it show whether this was permitted. Dates, licences and contracts do."},
    {"partly_derived", "partly derived",
     "some parts of the suspect come from the reference, others are new",
     "Part of the suspect agrees with the reference far beyond chance, while another part that "
     "could be compared just as well agrees no better than chance. The parts are named below.",
     "It does not show who copied from whom, nor whether this was permitted. The new parts may "
     "have been trained from scratch, or come from a third model that was not compared."},
    {"shared_initialisation_possible", "shared initialisation possible",
     "the two may only have started from the same initial weights",
     "The weights agree beyond chance, but less closely than copies do, and the norm weights, "
     "which start equal in all models, do not agree. Two trainings from the same random "
     "initialisation look like this.",
     "It is not a finding of copying. It does not exclude copying either."},
    {"no_shared_weights", "no shared weights", "nothing agrees beyond chance",
     "Every family of tensors that can be compared agrees no better than in two separately "
     "trained models. Each test states how small an agreement it could have detected.",
     "It does not exclude that the suspect was trained on the reference's answers or on the same "
     "data, or that long training has removed every trace."},
    {"not_enough_evidence", "not enough evidence",
     "neither shared weights nor their absence can be shown",
     "Too little could be compared, a control failed, or the agreement is below the reporting "
     "threshold. The tests below show which.",
     "It supports neither side."}};

// By VerdictRule.
constexpr std::string_view kRules[] = {
    "If the control of an exact test failed, or fewer than two of the families attention v/o, "
    "attention q/k and feed-forward can be compared: not enough evidence.",
    "If families agree in the suspect's own coordinates, but less closely than copies do, and the "
    "norm weights do not agree: shared initialisation possible.",
    "If families of one component (attention, or feed-forward) agree, and the other component was "
    "compared and shows nothing: partly derived. Likewise if both families of another tower agree "
    "and no family of the language model does.",
    "If two or more families agree: derived.",
    "If every family that can be compared shows nothing, and it is not the case that biases alone "
    "agree (they could have been planted): no shared weights.",
    "Otherwise: not enough evidence."};

// By TensorFamily.
constexpr std::string_view kFamilyDescriptions[] = {
    "Attention, value and output (v/o)",
    "Attention, query and key (q/k)",
    "Norm weights, and biases of attention (gains)",
    "Feed-forward neurons, including experts (ffn)",
    "Attention of another tower, vision or audio (tower v/o)",
    "Feed-forward neurons of another tower (tower ffn)",
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
