#include "verify/hypotheses.h"

#include <algorithm>

#include "embed/read/tags.h"
#include "embed/scheme/keys.h"

namespace wmk::verify {

namespace {

constexpr double kRules = embed::kTagRules.size();
constexpr double kAnalyses = 7;
constexpr double kSiteChoices = 4;
constexpr unsigned kPlacesOfFrame = 1 + kWindowsMax;

// The sum over h of 1 / (h (h + 1)) is 1.
double place_price(unsigned place) { return static_cast<double>(place) * (place + 1.0); }

}  // namespace

double price_of(unsigned place, bool shares_known) {
  const double totals = shares_known ? 1 : embed::kSharesMax;
  return place_price(place) * kRules * kAnalyses * kSiteChoices * totals;
}

double trace_price(unsigned place, size_t ids) {
  return place_price(place) * kRules * static_cast<double>(ids);
}

Hypothesis Hypothesis::of_window(unsigned number, bool shares_known) const {
  Hypothesis out = *this;
  out.window = number;
  out.place += number - window;
  out.price = price_of(out.place, shares_known);
  return out;
}

std::vector<FrameSource> frames_at_hand(const checkpoint::Vocabulary& vocabulary, uint64_t width,
                                        const embed::MarkRecord* record) {
  std::vector<FrameSource> out;
  if (!vocabulary.source.empty()) out.push_back(FrameSource::strings);
  out.push_back(FrameSource::ids);
  if (record != nullptr && record->width == width) out.push_back(FrameSource::recorded);
  return out;
}

std::vector<Hypothesis> HypothesisList::add_reading(const std::vector<FrameSource>& frames) {
  std::vector<Hypothesis> out;
  for (const FrameSource frame : frames) {
    const unsigned place = places_ + 1 + kPlacesOfFrame * static_cast<unsigned>(out.size());
    out.push_back({readings_, frame, 0, place, price_of(place, shares_known_)});
  }
  places_ += kPlacesOfFrame * static_cast<unsigned>(std::max<size_t>(1, frames.size()));
  ++readings_;
  return out;
}

}  // namespace wmk::verify
