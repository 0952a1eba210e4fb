#include "verify/hypotheses.h"

#include <algorithm>

#include "base/text.h"
#include "embed/scheme/price.h"

namespace wmk::verify {

namespace {

constexpr unsigned kPlacesOfFrame = 1 + kWindowsMax;

}  // namespace

Hypothesis Hypothesis::of_window(unsigned number, bool shares_known) const {
  Hypothesis out = *this;
  out.window = number;
  out.place += number - window;
  out.price = embed::price_of(out.place, shares_known);
  return out;
}

std::string Hypothesis::scan_name(std::string_view kind,
                                  const std::vector<unsigned>& shares) const {
  std::string out = cat("reading ", reading, ", ", to_string(frame), ", shares");
  for (const unsigned share : shares) out += cat(" ", share);
  return cat(out, ", ", kind);
}

std::vector<FrameSource> frames_at_hand(const checkpoint::Vocabulary& vocabulary, uint64_t width,
                                        const FrameInputs& inputs) {
  const embed::MarkRecord* record = inputs.record;
  const bool has_strings = !vocabulary.source.empty();
  std::vector<FrameSource> out;
  if (has_strings) out.push_back(FrameSource::strings);
  out.push_back(FrameSource::ids);
  if (has_strings && inputs.has_release_labels) out.push_back(FrameSource::shared);
  if (record != nullptr && record->width == width) out.push_back(FrameSource::recorded);
  if (inputs.has_release) out.push_back(FrameSource::carried);
  return out;
}

void put_record_first(std::vector<Hypothesis>& hypotheses) {
  std::stable_partition(hypotheses.begin(), hypotheses.end(),
                        [](const Hypothesis& each) { return each.frame == FrameSource::recorded; });
}

std::vector<Hypothesis> with_windows(const std::vector<Hypothesis>& plain) {
  std::vector<Hypothesis> out;
  for (size_t i = 0; i < plain.size(); ++i) {
    if (i == 0 || plain[i].frame == FrameSource::carried) out.push_back(plain[i]);
  }
  return out;
}

std::vector<Hypothesis> HypothesisList::add_reading(const std::vector<FrameSource>& frames) {
  std::vector<Hypothesis> out;
  for (const FrameSource frame : frames) {
    const unsigned place = places_ + 1 + kPlacesOfFrame * static_cast<unsigned>(out.size());
    out.push_back({readings_, frame, 0, place, embed::price_of(place, shares_known_)});
  }
  places_ += kPlacesOfFrame * static_cast<unsigned>(std::max<size_t>(1, frames.size()));
  ++readings_;
  return out;
}

}  // namespace wmk::verify
