#include "verify/answer.h"

#include <algorithm>
#include <cmath>

#include "verify/carried.h"

namespace wmk::verify {

using embed::TagRule;

double scored_part(const PlannedReading& reading, FrameSource frame, const DetectRequest& request) {
  if (frame != FrameSource::carried) return 1;
  return request.carried->scored_part(reading.reading.anatomy.get());
}

bool Answer::is_below_carried(const PlannedReading& reading) const {
  constexpr double kClearly = 0.9;
  const FrameSource frame = found_.frame;
  if (frame != FrameSource::shared && frame != FrameSource::recorded) return false;
  if (request_.carried == nullptr) return false;
  const double part = scored_part(reading, FrameSource::carried, request_);
  return found_.z < kClearly * std::sqrt(part) * found_.expected_z;
}

bool Answer::is_settled() const {
  constexpr double kNothing = 3.72, kShows = 12;
  if (!is_conclusive_ || !request_.full) return is_conclusive_;
  return std::none_of(found_.sites.begin(), found_.sites.end(), [](const SiteZ& site) {
    return site.site == embed::Site::ffn && site.z < kNothing && site.expected_z >= kShows;
  });
}

// Less than an untouched copy, in the answer.
bool Answer::shows_less(embed::Site wanted) const {
  constexpr double kLess = 0.9;
  return std::any_of(found_.sites.begin(), found_.sites.end(), [&](const SiteZ& site) {
    return site.site == wanted && site.z < kLess * site.expected_z;
  });
}

bool Answer::is_ffn_drowned() const {
  constexpr double kLong = 1.1, kLess = 0.9, kFewSkipped = 0.05;
  if (found_.length > kLong || found_.z < kLess * found_.expected_z_full) return true;
  // Other sites may be conclusive where neurons were drowned.
  for (const SiteZ& site : found_.sites) {
    if (site.site == embed::Site::ffn && site.length > kLong) return true;
  }
  const auto units = static_cast<double>(reading_.anatomy->unit_count());
  if (static_cast<double>(found_.skipped_units) > kFewSkipped * units) return true;
  return shows_less(embed::Site::ffn);
}

embed::Sites Answer::wanted_windows() const {
  using embed::Site;
  embed::Sites out = request_.sites;
  out[Site::output] = false;
  if (!is_conclusive_) return out;
  out[Site::ffn] = out[Site::ffn] && request_.full && is_ffn_drowned();
  out[Site::heads] = out[Site::heads] && request_.full && shows_less(Site::heads);
  return out;
}

void Answer::add_fault(std::string reading, const Hypothesis& hypothesis, std::string why) {
  found_.tried.push_back({std::move(reading), hypothesis, 0, 0, 0, std::move(why)});
}

void Answer::consider(const PlannedReading& where, const Hypothesis& hypothesis,
                      const std::vector<unsigned>& totals, const std::vector<SiteReading>& sites) {
  auto& tried = found_.tried;
  const SiteReading& main = sites.front();
  // The output head has its own price, and comes after the other sites.
  const bool is_output = main.site == embed::Site::output;
  const auto is_same = [&](const Tried& each) {
    return each.hypothesis.place == hypothesis.place &&
           (each.site == embed::Site::output) == is_output;
  };
  auto entry = std::find_if(tried.begin(), tried.end(), is_same);
  const bool is_new = entry == tried.end();
  if (is_new) {
    tried.push_back({where.reading.words(), hypothesis});
    entry = tried.end() - 1;
  }
  std::rotate(entry, entry + 1, tried.end());  // the last one is where reading is
  if (hypothesis.window == 0 && !is_output) keep_plain(hypothesis, sites);
  Tried& now = tried.back();
  const double scored = scored_part(where, hypothesis.frame, request_);
  now.site = main.site;
  now.part = static_cast<double>(main.read) / static_cast<double>(main.total);
  // Later analyses replace earlier ones; each number of pairs is a further statistic.
  bool is_first = is_new || !is_output;
  for (const unsigned count : totals) {
    for (const SiteScore& each : scores_of(where.plan, sites, count, scored)) {
      now.z = is_first ? each.z : std::max(now.z, each.z);
      // What was excluded is what each statistic of the first site would have shown.
      if (is_first) now.expected_z = each.expected_z;
      if (each.site == choice_of(main.site)) {
        now.expected_z = std::min(now.expected_z, each.expected_z);
      }
      is_first = false;
      note_window(hypothesis, each);
      const double score = ln_price_p(each.z, hypothesis.price);
      if (!shares_.empty() && (score > score_ || (score == score_ && each.z <= found_.z))) continue;
      score_ = score;
      keep(where, hypothesis, each, count, sites);
    }
  }
}

void Answer::keep_plain(const Hypothesis& hypothesis, const std::vector<SiteReading>& sites) {
  std::erase_if(plain_, [&](const Plain& each) {
    return each.reading == hypothesis.reading && each.frame == hypothesis.frame;
  });
  plain_.push_back({hypothesis.reading, hypothesis.frame, sites});
}

std::vector<SiteReading> Answer::with_plain(const Hypothesis& hypothesis,
                                            std::vector<SiteReading> sites) const {
  if (hypothesis.window == 0) return sites;
  for (const Plain& plain : plain_) {
    if (plain.reading != hypothesis.reading || plain.frame != hypothesis.frame) continue;
    for (const SiteReading& other : plain.sites) {
      const auto is_same = [&](const SiteReading& each) { return each.site == other.site; };
      if (std::none_of(sites.begin(), sites.end(), is_same)) sites.push_back(other);
    }
  }
  return sites;
}

// What a window of the answer's reading shows of one site stands beside what others show.
void Answer::note_window(const Hypothesis& hypothesis, const SiteScore& score) {
  if (hypothesis.window == 0 || hypothesis.reading != found_.reading ||
      hypothesis.frame != found_.frame || score.tags != found_.tags) {
    return;
  }
  for (SiteZ& site : found_.sites) {
    if (choice_of(site.site) != score.site || score.z <= site.z) continue;
    site.z = score.z;
    site.band = score.band;
  }
}

void Answer::keep(const PlannedReading& where, const Hypothesis& hypothesis, const SiteScore& score,
                  unsigned count, const std::vector<SiteReading>& sites) {
  const double scored = scored_part(where, hypothesis.frame, request_);
  reading_ = where.reading;
  found_.z = score.z;
  found_.ln_p = embed::ln_p(found_.z, hypothesis.price);
  found_.reading = hypothesis.reading;
  found_.reading_words = where.reading.words();
  found_.frame = hypothesis.frame;
  found_.window = hypothesis.window;
  found_.place = hypothesis.place;
  found_.price = hypothesis.price;
  found_.tags = score.tags;
  found_.site = score.site;
  found_.length = score.length;
  found_.expected_z = score.expected_z;
  keep_sites(where.plan, with_plain(hypothesis, sites), score, count, scored, found_);
  shares_.clear();
  for (const embed::ShareReading& share : sites.front().shares) {
    if (shares_.size() < count) shares_.push_back(share.share);
  }
  is_conclusive_ = verify::is_conclusive(found_.z, hypothesis.price);
}

}  // namespace wmk::verify
