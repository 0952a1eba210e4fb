#include "lineage/verdict_wording.h"

#include <algorithm>

namespace wmk::lineage {

namespace {

// By Verdict.
constexpr VerdictWords kWords[] = {
    {"Derived", "The two models share weights in independent places",
     "Numbers inside the suspect agree with those of the reference, in at least two places that "
     "bear witness separately, far beyond what two models trained apart can do by chance. The two "
     "have an ancestor in common: one was made from the other, or both from a third.",
     "It does not tell who copied whom: every test here would say the same with the two exchanged. "
     "Nor does it tell whether anybody was allowed to. Dates, licences and contracts do.",
     "yes"},
    {"Partly derived", "Some parts of the suspect come from the reference, others are new",
     "Part of the suspect agrees with the reference far beyond chance, while another part that "
     "could be compared just as well agrees no better than chance. The parts are named below.",
     "It does not tell who copied whom, nor whether anybody was allowed to. The parts found "
     "new may have been trained anew, or come from a third model that was not compared.",
     "yes"},
    {"Shared initialisation possible", "The two may only have started from the same numbers",
     "The weights agree beyond chance, yet not as closely as copies do, and the norm gains, which "
     "start equal in all models, do not agree. Two trainings that began at one random start look "
     "like this.",
     "It is no finding of copying. It does not exclude it either.", "open"},
    {"No shared weights", "Nothing agrees beyond chance",
     "Every family of tensors that can be compared agrees no better than in two models trained "
     "apart. Each test tells how small an agreement it would have shown.",
     "It does not exclude that the suspect learned from the reference's answers, or from the same "
     "data, or that it was trained so long that nothing is left to see.",
     "no"},
    {"Not enough evidence", "Neither shared weights nor their absence can be shown",
     "Too little could be compared, a control failed, or what agrees is not enough to speak of. "
     "The tests below tell which.",
     "It speaks for neither side.", "open"}};

constexpr const char* kRules[] = {
    "If the control of an exact test failed, or fewer than two of the families attention v/o, "
    "attention q/k and feed-forward can be compared: not enough evidence.",
    "If families agree in the suspect's own coordinates, but less closely than copies do, and the "
    "gains do not agree: shared initialisation possible.",
    "If families of one component (attention, or feed-forward) agree and the other component was "
    "compared and shows nothing: partly derived. Both families of another tower agree, and no "
    "family of the language model: partly derived too.",
    "If two or more families agree: derived.",
    "If every family that can be compared shows nothing, and biases do not agree alone (they could "
    "be planted): no shared weights.",
    "Anything else: not enough evidence."};

}  // namespace

const VerdictWords& words_of(Verdict verdict) {
  return kWords[static_cast<size_t>(verdict)];
}

std::span<const char* const> verdict_rules() { return kRules; }

size_t applied_rule(const Judgement& judgement) {
  switch (judgement.verdict) {
    case Verdict::shared_initialisation_possible:
      return 1;
    case Verdict::partly_derived:
      return 2;
    case Verdict::derived:
      return 3;
    case Verdict::no_shared_weights:
      return 4;
    default:
      break;
  }
  const auto& families = judgement.families;
  const auto comparable = std::count_if(families.begin(), families.end(), [](const auto& family) {
    return family.comparable && family.family != FamilyOfTensors::gains;
  });
  return comparable < 2 || judgement.reason.starts_with("the control") ? 0 : 5;
}

const char* family_words(FamilyOfTensors family) {
  switch (family) {
    case FamilyOfTensors::value_output:
      return "Attention, value and output (v/o)";
    case FamilyOfTensors::query_key:
      return "Attention, query and key (q/k)";
    case FamilyOfTensors::gains:
      return "Gains of the norms, biases of attention (gains)";
    case FamilyOfTensors::feed_forward:
      return "Feed-forward neurons, experts included (ffn)";
    case FamilyOfTensors::tower_attention:
      return "Attention of another tower, vision or audio (tower v/o)";
    case FamilyOfTensors::tower_ffn:
      return "Feed-forward neurons of another tower (tower ffn)";
    default:
      return "None";
  }
}

}  // namespace wmk::lineage
