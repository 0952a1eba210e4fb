#include "checkpoint/layout/family_choice.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/naming/candidates.h"

namespace wmk::checkpoint {

namespace {

// Candidates of equal rank, laid out: those that fit, and why the first other one does not.
struct Trial {
  std::vector<Choice> fitting;
  std::optional<Error> fault;  // of the first that does not fit
  const Family* faulty = nullptr;
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

// The first of the fitting ones, if all place the vectors alike.
Result<Choice> settle(Trial trial, bool type_known) {
  for (const Choice& other : trial.fitting) {
    if (same_views(trial.fitting[0].layout, other.layout)) continue;
    return Error(ErrorCode::unsupported,
                 cat("families '", trial.fitting[0].family->name(), "' and '", other.family->name(),
                     "' both fit, and place the weights differently"))
        .with_hint("config.json with its model_type, or --naming FILE, would tell");
  }
  for (const Choice& other : trial.fitting) {
    if (type_known || same_gains(trial.fitting[0].layout, other.layout)) continue;
    trial.fitting[0].notes.push_back(cat(
        "family '", other.family->name(), "' fits as well and reads other norm gains; read as '",
        trial.fitting[0].family->name(), "', since no model_type tells"));
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

Error within_family(Error error, const Family& family) {
  std::string hint =
      error.hint().empty() ? "--naming FILE gives naming rules by hand" : error.hint();
  return std::move(error).within(cat("family '", family.name(), "'")).with_hint(std::move(hint));
}

}  // namespace

Result<Choice> choose_family(const std::vector<Tensor>& tensors, const NameTable& names,
                             std::string_view model_type, std::span<const Family* const> families) {
  const std::vector<Candidate> ranked = rank_candidates(names, families);
  std::vector<Candidate> applying, typed;
  for (const Candidate& candidate : ranked) {
    if (!candidate.applies()) continue;
    applying.push_back(candidate);
    if (candidate.family->covers(model_type)) typed.push_back(candidate);
  }
  std::vector<std::string> notes;
  const auto knows = [&](const Family* family) { return family->covers(model_type); };
  if (!model_type.empty() && std::none_of(families.begin(), families.end(), knows)) {
    notes.push_back(
        cat("model_type '", escaped(model_type), "' is of no family; its names decide"));
  }
  // Several families may cover one type (Falcon): the one that recognises most stands.
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
