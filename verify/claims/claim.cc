#include "verify/claims/claim.h"

namespace wmk::verify {

namespace {

struct Words {
  std::string_view code, meaning;
};

// In the order of Condition.
constexpr Words kWords[] = {
    {"suspect_independent_of_key",
     "no byte of the suspect, its tokenizer or its embedding was chosen with sight of the key or "
     "of "
     "anything marked with it"},
    {"release_independent_of_suspect",
     "the release was fixed before the suspect and its ancestors existed"},
    {"base_independent_of_suspect", "the subtracted base was not made from the suspect"},
    {"logits_collected_independently",
     "the logits are all rows of texts that were fixed beforehand and all columns that the "
     "operator gives, collected or witnessed by somebody without the key"},
    {"adapter_base_unmarked", "the base of the adapter does not carry the mark by itself"},
    {"naming_not_fitted", "the naming file was not fitted to the suspect"}};

}  // namespace

std::string_view to_string(Condition condition) {
  return kWords[static_cast<size_t>(condition)].code;
}

std::string_view meaning(Condition condition) {
  return kWords[static_cast<size_t>(condition)].meaning;
}

std::string Claim::text() const {
  std::string out;
  for (const Condition condition : conditions) {
    out.append(out.empty() ? "" : ", and if ").append(meaning(condition));
  }
  return out;
}

Claim claim_of(FrameSource frame, const ClaimSources& sources) {
  Claim out{{Condition::suspect_independent_of_key}};
  if (frame != FrameSource::strings && frame != FrameSource::ids) {
    out.conditions.push_back(Condition::release_independent_of_suspect);
  }
  if (sources.subtracts_base) out.conditions.push_back(Condition::base_independent_of_suspect);
  if (sources.is_adapter) out.conditions.push_back(Condition::adapter_base_unmarked);
  if (sources.has_naming) out.conditions.push_back(Condition::naming_not_fitted);
  return out;
}

}  // namespace wmk::verify
