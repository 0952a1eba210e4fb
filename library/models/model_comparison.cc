#include "library/models/model_comparison.h"

#include <array>

#include "base/text.h"
#include "checkpoint/text/notices.h"
#include "library/models/part_identity.h"
#include "mpi/shared_items.h"
#include "stats/bf16/kernel.h"

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

// (all) They see the same models, and sum products in the same order.
Status meet_on(const ComparedModels& models, const ComparisonRequest& request) {
  using Items = std::vector<std::string>;
  Items own = {"weightmark " WMK_VERSION, std::string(stats::order_of_sums()), cat(request.seed)};
  Status status;
  for (const OpenedModel* model : {&models.suspect, &models.reference}) {
    auto digest = model_digest(*model);
    if (!digest) status = digest.error();
    own.push_back(digest ? *std::move(digest) : std::string());
  }
  const auto check = [&](const Items& other) -> Status {
    constexpr std::array kWhat = {"version", "order of sums (WMK_KERNEL)", "seed", "suspect",
                                  "reference"};
    for (size_t i = 0; i < own.size(); ++i) {
      if (other[i] == own[i]) continue;
      return Error(ErrorCode::invalid_argument, cat("it has another ", kWhat[i]));
    }
    return {};
  };
  return mpi::agree(status ? Result<Items>(own) : Result<Items>(status.error()), check);
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
  if (Status status = request.is_shared ? meet_on(models, request) : Status(); !status) {
    return std::move(status).error();
  }
  auto found =
      lineage::compare({side_of(models.suspect), side_of(models.reference), request.threads,
                        request.seed, request.progress, request.is_shared});
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
