#include "verify/detect_plan.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "embed/scheme/keys.h"

namespace wmk::verify {

namespace {

std::vector<FrameSource> frames_to_try(const checkpoint::Vocabulary& vocabulary,
                                       const DetectRequest& request) {
  std::vector<FrameSource> frames;
  const bool has_strings = !vocabulary.source.empty();
  const bool wants_strings = !request.record || request.record->string_labels;
  const bool wants_ids = !request.record || !request.record->string_labels;
  if (has_strings && wants_strings) frames.push_back(FrameSource::strings);
  if (wants_ids || frames.empty()) frames.push_back(FrameSource::ids);
  if (request.record) frames.push_back(FrameSource::recorded);
  return frames;
}

// If the number of shares is known, all are read together and only their total is tested.
// Otherwise share 0 is read first, and the others only if share 0 alone is not conclusive.
std::vector<Stage> stages(const DetectRequest& request, std::optional<unsigned> known) {
  if (request.share) return {{{*request.share}, {1}}};
  if (known) {
    std::vector<unsigned> all(*known);
    std::iota(all.begin(), all.end(), 0u);
    return {{all, {*known}}};
  }
  return {{{0}, {1}}, {{1, 2, 3}, {2, 3, 4}}};
}

Status check(const checkpoint::Anatomy& anatomy, const DetectRequest& request) {
  const auto refuse = [](std::string why) {
    return Status(Error(ErrorCode::invalid_argument, std::move(why)));
  };
  if (request.shares && (*request.shares < 1 || *request.shares > embed::kSharesMax)) {
    return refuse(cat("a mark has 1 to 4 shares, not ", *request.shares));
  }
  if (request.share && *request.share >= embed::kSharesMax) {
    return refuse(cat("share ", *request.share, " does not exist: shares are numbered 0 to 3"));
  }
  if (!(request.alpha > 0 && request.alpha < 1)) return refuse("alpha must be between 0 and 1");
  if (!request.record) return {};
  if (request.record->shares == 0) {
    return refuse(
        "this is the record of a licensee's mark; detect needs that of the ownership mark");
  }
  const unsigned wanted = request.share ? *request.share + 1 : request.shares.value_or(1);
  if (wanted > request.record->shares) {
    return refuse(cat("the recorded mark has ", request.record->shares,
                      request.record->shares == 1 ? " share" : " shares", ", not ", wanted));
  }
  if (request.record->width != anatomy.width) {
    return refuse(cat("the recorded mark is for width ", request.record->width,
                      ", but this model has width ", anatomy.width));
  }
  return {};
}

}  // namespace

double DetectPlan::hypotheses(size_t analyses) const {
  size_t totals = 0;
  for (const Stage& stage : stages) totals += stage.totals.size();
  return static_cast<double>(frames.size() * embed::kTagRules.size() * totals * analyses);
}

double DetectPlan::expected_z_full() const {
  return expected_z(std::min(mark.shares, stages.back().totals.back()));
}

Result<DetectPlan> plan_detection(const checkpoint::Anatomy& anatomy,
                                  const checkpoint::Vocabulary& vocabulary,
                                  const DetectRequest& request) {
  Status status = check(anatomy, request);
  if (!status) return std::move(status).error();
  std::optional<unsigned> known = request.shares;
  if (!known && request.record) known = request.record->shares;
  const std::optional<double> strength =
      request.record ? std::optional(request.record->strength) : std::nullopt;
  auto mark = embed::plan_mark(anatomy, strength, known);
  if (!mark) return std::move(mark).error();
  return DetectPlan{frames_to_try(vocabulary, request), stages(request, known), *mark};
}

}  // namespace wmk::verify
