#include "library/models/model_comparison.h"

#include "base/text.h"
#include "checkpoint/text/notices.h"

namespace wmk::library {

namespace {

lineage::Side side_of(const OpenedModel& model) {
  return {&model.checkpoint, &model.config, &model.anatomy, &model.vocabulary, {}};
}

// Nothing without further candidates.
Result<std::optional<lineage::ParentFits>> fit_candidates(const ComparedModels& models,
                                                          const ComparisonRequest& request) {
  if (models.also.empty()) return std::optional<lineage::ParentFits>();
  std::vector<lineage::Side> parents = {side_of(models.reference)};
  for (const OpenedModel& model : models.also) parents.push_back(side_of(model));
  auto fits = lineage::fit_parents(side_of(models.suspect), std::move(parents), request.seed,
                                   request.threads);
  if (!fits) return std::move(fits).error();
  return std::optional(*std::move(fits));
}

}  // namespace

Status check_candidates(size_t also) {
  if (also < lineage::kParentsMax) return {};
  return Error(ErrorCode::invalid_argument,
               cat("at most ", lineage::kParentsMax - 1, " further candidates"));
}

Result<ModelComparison> compare_models(const ComparedModels& models,
                                       const ComparisonRequest& request) {
  if (Status status = check_candidates(models.also.size()); !status) {
    return std::move(status).error();
  }
  constexpr auto scope = checkpoint::NoticeScope::all;
  const auto suspect = checkpoint::find_notices(models.suspect.checkpoint.folder(), scope);
  if (!suspect) return suspect.error();
  const auto reference = checkpoint::find_notices(models.reference.checkpoint.folder(), scope);
  if (!reference) return reference.error();
  auto found = lineage::compare({side_of(models.suspect), side_of(models.reference),
                                 request.threads, request.seed, request.progress});
  if (!found) return std::move(found).error();
  auto parents = fit_candidates(models, request);
  if (!parents) return std::move(parents).error();
  return ModelComparison{*std::move(found), *std::move(parents),
                         lineage::compare_notices(*suspect, *reference), suspect->is_cut};
}

std::string direction_of(const lineage::Comparison& found,
                         const std::optional<lineage::ParentFits>& parents) {
  std::string out = found.judgement.direction;
  if (!parents || !is_mixture(*parents)) return out;
  return cat(out, out.empty() ? "" : "; ", "the suspect is a mixture of candidates: merged");
}

}  // namespace wmk::library
