#include "checkpoint/layout/family_choice.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/naming/candidates.h"

namespace wmk::checkpoint {

namespace {

// Candidates of equal rank: those that fit, and why the first of the others does not.
struct Trial {
  std::vector<FamilyChoice> fitting;
  std::optional<Error> fault;  // of the first one that does not fit
  const NamingFamily* faulty = nullptr;
};

Trial try_all(const std::vector<Tensor>& tensors, const NameTable& names,
              std::span<const Candidate> candidates) {
  Trial out;
  for (const Candidate& candidate : candidates) {
    auto layout = lay_out(tensors, names, *candidate.family);
    if (layout) {
      out.fitting.push_back({candidate.family, *std::move(layout), {}});
    } else if (!out.fault) {
      out.fault = std::move(layout).error();
      out.faulty = candidate.family;
    }
  }
  return out;
}

// The first one that fits, if all of them place the vectors in the same way.
Result<FamilyChoice> settle(Trial trial, bool type_known) {
  for (const FamilyChoice& other : trial.fitting) {
    if (same_views(trial.fitting[0].layout, other.layout)) continue;
    return Error(ErrorCode::unsupported,
                 cat("families '", trial.fitting[0].family->name(), "' and '", other.family->name(),
                     "' both fit, but place the weights differently"))
        .with_hint("add config.json with its model_type, or use --naming FILE");
  }
  for (const FamilyChoice& other : trial.fitting) {
    if (type_known || same_norms(trial.fitting[0].layout, other.layout)) continue;
    trial.fitting[0].notes.push_back(
        cat("family '", other.family->name(), "' fits as well, with other norm weights; read as '",
            trial.fitting[0].family->name(), "', because model_type is missing or covers neither"));
    break;
  }
  return std::move(trial.fitting[0]);
}

// Candidates that recognise as many tensors as the first.
std::span<const Candidate> best_of(std::span<const Candidate> ranked) {
  size_t count = 0;
  while (count < ranked.size() && ranked[count].recognised == ranked[0].recognised) ++count;
  return ranked.first(count);
}

Error within_family(Error error, const NamingFamily& family) {
  std::string hint =
      error.hint().empty() ? "--naming FILE reads your own naming rules" : error.hint();
  return std::move(error).within(cat("family '", family.name(), "'")).with_hint(std::move(hint));
}

}  // namespace

Result<FamilyChoice> choose_family(const std::vector<Tensor>& tensors, const NameTable& names,
                                   std::string_view model_type,
                                   std::span<const NamingFamily* const> families) {
  const std::vector<Candidate> ranked = rank_candidates(names, families);
  std::vector<Candidate> applying, typed;
  for (const Candidate& candidate : ranked) {
    if (!candidate.applies()) continue;
    applying.push_back(candidate);
    if (candidate.family->covers(model_type)) typed.push_back(candidate);
  }
  std::vector<std::string> notes;
  const auto knows = [&](const NamingFamily* family) { return family->covers(model_type); };
  if (!model_type.empty() && std::none_of(families.begin(), families.end(), knows)) {
    notes.push_back(cat("model_type '", escaped(model_type),
                        "' is not known; the family is chosen by tensor names"));
  }
  // Several families may cover one type (Falcon): the one that recognises most is chosen.
  for (std::span<const Candidate> rest = typed; !rest.empty();) {
    const auto best = best_of(rest);
    Trial trial = try_all(tensors, names, best);
    if (!trial.fitting.empty()) return settle(std::move(trial), true);
    notes.push_back(cat("model_type '", escaped(model_type), "' is of family '",
                        trial.faulty->name(), "', which does not fit: ", trial.fault->message()));
    rest = rest.subspan(best.size());
  }
  if (applying.empty()) return nothing_applies(tensors, names, ranked);
  Trial trial = try_all(tensors, names, best_of(applying));
  if (trial.fitting.empty()) return within_family(*std::move(trial.fault), *trial.faulty);
  auto choice = settle(std::move(trial), false);
  if (choice) choice->notes.insert(choice->notes.begin(), notes.begin(), notes.end());
  return choice;
}

}  // namespace wmk::checkpoint
