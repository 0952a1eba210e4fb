#include "verify/hypotheses.h"

#include "embed/read/tags.h"
#include "embed/scheme/keys.h"

namespace wmk::verify {

namespace {

constexpr double kRules = embed::kTagRules.size();
constexpr double kAnalyses = 7;
constexpr double kSiteChoices = 4;

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

std::vector<Hypothesis> list_hypotheses(const checkpoint::Vocabulary& vocabulary, bool has_record,
                                        bool has_release) {
  std::vector<Hypothesis> out;
  const auto add = [&out](FrameSource frame) {
    out.push_back({frame, static_cast<unsigned>(out.size() + 1), 1});
  };
  if (!vocabulary.source.empty()) add(FrameSource::strings);
  add(FrameSource::ids);
  if (has_record) add(FrameSource::recorded);
  if (has_release) add(FrameSource::carried);
  return out;
}

}  // namespace wmk::verify
