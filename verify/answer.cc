#include "verify/answer.h"

#include <algorithm>
#include <cmath>

#include "verify/carried.h"

namespace wmk::verify {

using embed::TagRule;

uint64_t used_weights(const checkpoint::Anatomy& anatomy, const embed::SketchSet& sketches) {
  const uint64_t vectors = anatomy.gated ? 3 : 2;
  const uint64_t skipped = sketches.skipped * vectors * anatomy.width;
  return sketches.weights - std::min(sketches.weights, skipped);
}

double scored_part(const PlannedReading& reading, FrameSource frame, const DetectRequest& request) {
  if (frame != FrameSource::carried) return 1;
  return request.carried->scored_part(reading.reading.anatomy->gated);
}

bool Answer::is_below_carried(const PlannedReading& reading) const {
  constexpr double kClearly = 0.9;
  const FrameSource frame = found_.frame;
  if (frame != FrameSource::shared && frame != FrameSource::recorded) return false;
  if (request_.carried == nullptr) return false;
  const double part = scored_part(reading, FrameSource::carried, request_);
  return found_.z < kClearly * std::sqrt(part) * found_.expected_z;
}

bool Answer::wants_windows() const {
  constexpr double kLong = 1.1, kLess = 0.9;
  if (!is_conclusive_) return true;
  return request_.full && (found_.length > kLong || found_.z < kLess * found_.expected_z_full);
}

void Answer::add_fault(std::string reading, const Hypothesis& hypothesis, std::string why) {
  found_.tried.push_back({std::move(reading), hypothesis, 0, 0, 0, std::move(why)});
}

void Answer::consider(const PlannedReading& where, const Hypothesis& hypothesis,
                      const std::vector<unsigned>& totals,
                      const std::vector<embed::ShareReading>& shares,
                      const embed::SketchSet& sketches) {
  auto& tried = found_.tried;
  const auto is_same = [&](const Tried& each) { return each.hypothesis.place == hypothesis.place; };
  auto entry = std::find_if(tried.begin(), tried.end(), is_same);
  if (entry == tried.end()) {
    tried.push_back({where.reading.words(), hypothesis});
    entry = tried.end() - 1;
  }
  std::rotate(entry, entry + 1, tried.end());  // the last one is where reading is
  Tried& now = tried.back();
  const checkpoint::Anatomy& anatomy = *where.reading.anatomy;
  const uint64_t used = used_weights(anatomy, sketches);
  const double scored = scored_part(where, hypothesis.frame, request_);
  now.part = static_cast<double>(sketches.weights) / static_cast<double>(anatomy.weight_count());
  bool is_first = true;
  for (const unsigned count : totals) {
    for (const TagRule tags : embed::kTagRules) {
      const embed::Total total = embed::total_of(shares, count, tags);
      const double z = total.correlation.z();
      now.z = is_first ? z : std::max(now.z, z);
      const double expected = where.plan.expected_z(count, used, total.length.value(), scored);
      now.expected_z = is_first ? expected : std::min(now.expected_z, expected);
      is_first = false;
      const double score = ln_price_p(z, hypothesis.price);
      if (!shares_.empty() && (score > score_ || (score == score_ && z <= found_.z))) continue;
      score_ = score;
      found_.z = z;
      keep(where, hypothesis, tags, count, shares, sketches);
    }
  }
}

void Answer::keep(const PlannedReading& where, const Hypothesis& hypothesis, TagRule tags,
                  unsigned count, const std::vector<embed::ShareReading>& shares,
                  const embed::SketchSet& sketches) {
  const checkpoint::Anatomy& anatomy = *where.reading.anatomy;
  const DetectPlan& plan = where.plan;
  const double scored = scored_part(where, hypothesis.frame, request_);
  reading_ = where.reading;
  found_.ln_p = embed::ln_p(found_.z, hypothesis.price);
  found_.reading = hypothesis.reading;
  found_.reading_words = where.reading.words();
  found_.frame = hypothesis.frame;
  found_.window = hypothesis.window;
  found_.place = hypothesis.place;
  found_.price = hypothesis.price;
  found_.tags = tags;
  found_.length = embed::total_of(shares, count, tags).length.value();
  found_.is_bound = !plan.marked_weights;
  found_.weights_read = sketches.weights;
  found_.weights_total = anatomy.weight_count();
  found_.expected_z =
      plan.expected_z(count, used_weights(anatomy, sketches), found_.length, scored);
  found_.expected_z_full =
      plan.expected_z(plan.shares_asked(), found_.weights_total, found_.length, scored);
  found_.skipped_units = sketches.skipped + anatomy.skipped_unit_count();
  found_.not_finite_units = sketches.not_finite;
  found_.shares.clear();
  shares_.clear();
  for (const embed::ShareReading& share : shares) {
    found_.shares.push_back({share.share, share.correlation[static_cast<size_t>(tags)].z()});
    if (shares_.size() < count) shares_.push_back(share.share);
  }
  is_conclusive_ = verify::is_conclusive(found_.z, hypothesis.price);
}

}  // namespace wmk::verify
