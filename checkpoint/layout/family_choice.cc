#include "checkpoint/layout/family_choice.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/naming/candidates.h"

namespace wmk::checkpoint {

namespace {

// Candidates of equal rank: those that fit and skip the fewest units, and why the first of the
// others does not fit.
struct Trial {
  std::vector<FamilyChoice> fitting;
  std::optional<Error> fault;  // of the first one that does not fit
  const NamingFamily* faulty = nullptr;
};

Trial try_all(const std::vector<Tensor>& tensors, const NameTable& names,
              std::span<const Candidate> candidates, LayerFaults faults) {
  Trial out;
  for (const Candidate& candidate : candidates) {
    auto layout = lay_out(tensors, names, *candidate.family, faults);
    if (layout) {
      const uint64_t skipped = layout->skipped_units();
      const uint64_t least =
          out.fitting.empty() ? UINT64_MAX : out.fitting[0].layout.skipped_units();
      if (skipped > least) continue;
      if (skipped < least) out.fitting.clear();
      out.fitting.push_back({candidate.family, *std::move(layout), {}});
    } else if (!out.fault) {
      out.fault = std::move(layout).error();
      out.faulty = candidate.family;
    }
  }
  return out;
}

// The first one that fits, if all of them place the vectors in the same way.
Result<FamilyChoice> settle(Trial trial, bool type_known, std::string_view model_type) {
  for (const FamilyChoice& other : trial.fitting) {
    if (same_views(trial.fitting[0].layout, other.layout)) continue;
    return Error(ErrorCode::unsupported,
                 cat("families '", trial.fitting[0].family->name(), "' and '", other.family->name(),
                     "' both fit, but place the weights differently"))
        .with_hint(model_type.empty() ? "add config.json with its model_type, or use --naming FILE"
                                      : "--naming FILE reads your own naming rules");
  }
  for (const FamilyChoice& other : trial.fitting) {
    if (type_known || same_norms(trial.fitting[0].layout, other.layout)) continue;
    trial.fitting[0].notes.push_back(
        cat("family '", other.family->name(), "' fits as well, with other norm weights; read as '",
            trial.fitting[0].family->name(), "', because ",
            model_type.empty() ? std::string("config.json names no model_type")
                               : cat("model_type '", escaped(model_type), "' decides neither")));
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

namespace {

// The candidates of one checkpoint, those that recognise most tensors first.
struct Candidates {
  std::vector<Candidate> applying, typed;
  std::vector<std::string> notes;
};

// `nothing_fits` is set if no candidate fits; then the error says why the best one does not.
Result<FamilyChoice> choose(const std::vector<Tensor>& tensors, const NameTable& names,
                            std::string_view model_type, const Candidates& candidates,
                            LayerFaults faults, bool& nothing_fits) {
  std::vector<std::string> notes = candidates.notes;
  // Several families may cover one type (Falcon): the one that recognises most is chosen.
  for (std::span<const Candidate> rest = candidates.typed; !rest.empty();) {
    const auto best = best_of(rest);
    Trial trial = try_all(tensors, names, best, faults);
    if (!trial.fitting.empty()) return settle(std::move(trial), true, model_type);
    notes.push_back(cat("model_type '", escaped(model_type), "' is of family '",
                        trial.faulty->name(), "', which does not fit: ", trial.fault->message()));
    rest = rest.subspan(best.size());
  }
  Trial trial = try_all(tensors, names, best_of(candidates.applying), faults);
  nothing_fits = trial.fitting.empty();
  if (nothing_fits) return within_family(*std::move(trial.fault), *trial.faulty);
  auto choice = settle(std::move(trial), false, model_type);
  if (choice) choice->notes.insert(choice->notes.begin(), notes.begin(), notes.end());
  return choice;
}

}  // namespace

Result<FamilyChoice> choose_family(const std::vector<Tensor>& tensors, const NameTable& names,
                                   std::string_view model_type,
                                   std::span<const NamingFamily* const> families) {
  const std::vector<Candidate> ranked = rank_candidates(names, families);
  Candidates candidates;
  for (const Candidate& candidate : ranked) {
    if (!candidate.applies()) continue;
    candidates.applying.push_back(candidate);
    if (candidate.family->covers(model_type)) candidates.typed.push_back(candidate);
  }
  if (candidates.applying.empty()) return nothing_applies(tensors, names, ranked);
  const auto knows = [&](const NamingFamily* family) { return family->covers(model_type); };
  if (!model_type.empty() && std::none_of(families.begin(), families.end(), knows)) {
    candidates.notes.push_back(cat("model_type '", escaped(model_type),
                                   "' is not known; the family is chosen by tensor names"));
  }
  bool nothing_fits = false;
  auto whole = choose(tensors, names, model_type, candidates, LayerFaults::refused, nothing_fits);
  if (whole || !nothing_fits || whole.error().code() == ErrorCode::limit_exceeded) return whole;
  auto most = choose(tensors, names, model_type, candidates, LayerFaults::skipped, nothing_fits);
  return most || !nothing_fits ? std::move(most) : std::move(whole);
}

}  // namespace wmk::checkpoint
