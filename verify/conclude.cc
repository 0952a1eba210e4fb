#include "verify/conclude.h"

#include <algorithm>

#include "base/text.h"
#include "embed/output/output_signs.h"
#include "embed/scheme/label_set.h"

namespace wmk::verify {

namespace {

constexpr double kExceeds = 1.3, kOutputExceeds = 1.8;  // times the expected z
constexpr uint64_t kRowsLeftOut = 20;  // a mark is excluded if at most one row in 20 is left out

std::optional<Doubt> control_doubt(const DetectRequest& request, const Detection& found) {
  for (size_t i = 0; i < found.controls.size(); ++i) {
    if (found.controls[i].is_null) continue;
    const std::string path = escaped(request.controls[i].checkpoint->path().string());
    return Doubt{DoubtKind::control,
                 cat("the control '", path, "' shows z = ", fixed(found.controls[i].z, 1),
                     " in the same frame, so this frame shows nothing")};
  }
  return std::nullopt;
}

const Tried* best_declared(const std::vector<Tried>& tried) {
  const Tried* best = nullptr;
  for (const Tried& each : tried) {
    if (each.hypothesis.reading != 0 || !each.fault.empty()) continue;
    if (best == nullptr || each.z > best->z) best = &each;
  }
  return best;
}

Evidence evidence_of(const Subject& subject, const DetectRequest& request, const ScanFacts& facts,
                     double ln_p) {
  Evidence out{.subject = subject, .own = facts.own, .ln_p = ln_p};
  out.ids_recorded = are_ids_recorded(request);
  out.has_naming = request.sources.has_naming;
  if (!request.record || request.record->shares > 1) out.single_share = request.share;
  out.skipped_units = facts.skipped_units;
  if (request.record && request.record->string_labels) {
    out.label_difference =
        embed::label_difference(request.record->labels, embed::label_hashes(*subject.vocabulary));
  }
  return out;
}

// Whether each usual reading of the heads was read far enough to show an untouched copy.
bool are_heads_settled(ReadingScope scope, checkpoint::ReadingList& readings,
                       const std::vector<Tried>& tried) {
  if (scope == ReadingScope::declared && readings.has(1)) return false;
  return std::none_of(tried.begin(), tried.end(), [](const Tried& each) {
    return each.site == embed::Site::heads && each.hypothesis.reading > 0 &&
           each.hypothesis.window == 0 && each.expected_z < needed_z(each.hypothesis.price);
  });
}

Result<std::optional<Doubt>> doubt_about(checkpoint::ReadingList& readings,
                                         const DetectRequest& request, const ScanFacts& facts,
                                         const Detection& found) {
  const auto& declared = readings.declared();
  if (!declared) {
    return std::optional(Doubt{DoubtKind::reading, why_not_declared(readings, found.tried)});
  }
  const Subject subject = subject_of(*declared);
  auto doubt = find_doubt(evidence_of(subject, request, facts, found.ln_p), request.threads);
  if (!doubt || *doubt) return doubt;
  return reading_doubt(readings, request.readings, found.tried);
}

}  // namespace

std::optional<Doubt> reading_doubt(checkpoint::ReadingList& readings, ReadingScope scope,
                                   const std::vector<Tried>& tried) {
  if (scope == ReadingScope::declared && readings.has(1)) {
    return Doubt{DoubtKind::reading, "only the declared reading of the model was tried"};
  }
  for (const Tried& each : tried) {
    const FrameSource frame = each.hypothesis.frame;
    if (each.hypothesis.reading == 0 || each.site == embed::Site::heads ||
        (frame != FrameSource::strings && frame != FrameSource::ids))
      continue;
    if (!each.fault.empty()) {
      return Doubt{DoubtKind::reading,
                   cat("the reading '", each.reading, "' cannot be scored: ", each.fault)};
    }
    const double needed = needed_z(each.hypothesis.price);
    if (each.hypothesis.window > 0 || each.expected_z >= needed) continue;
    return Doubt{
        DoubtKind::weak,
        cat("in the reading '", each.reading, "' an untouched copy would have shown ",
            fixed(each.expected_z, 1), ", and ", fixed(needed, 1), " is needed to exclude one")};
  }
  return std::nullopt;
}

std::string why_not_declared(checkpoint::ReadingList& readings, const std::vector<Tried>& tried) {
  const auto& declared = readings.declared();
  if (!declared) {
    return cat("the declared reading cannot be made: ", declared.error().message());
  }
  const Tried* best = best_declared(tried);
  if (best == nullptr) return "the declared reading cannot be scored";
  return cat("the declared reading shows z = ", fixed(best->z, 1),
             ", and an untouched copy would have shown ", fixed(best->expected_z, 1));
}

OwnReading own_reading(const DetectPlan& plan, const Hypothesis& hypothesis,
                       const std::vector<SiteReading>& sites) {
  OwnReading own{hypothesis.frame, hypothesis.price, 0, 0, {}, {}};
  for (const SiteReading& site : sites) {
    const size_t count = std::min<size_t>(site.shares.size(), plan.shares_asked());
    const double length = embed::total_of(site.shares, count, embed::TagRule::hard).length.value();
    const double expected = plan.expected_z(site.site, plan.shares_asked(), site.used, length);
    const double needed = needed_z(hypothesis.price);
    if (own.expected_z == 0) own.expected_z = expected;
    if (expected / 2 >= needed) own.excluded.push_back(site.site);
    const double usual = plan.expected_z(site.site, plan.shares_asked(), site.total, 1);
    if (expected / 2 < needed && usual / 2 >= needed) own.drowned.push_back({site.site, expected});
    for (const embed::ShareReading& share : site.shares) {
      for (const embed::TagRule tags : embed::kTagRules) {
        const double z = share.correlation[static_cast<size_t>(tags)].z();
        if (z <= own.largest_z) continue;
        own.largest_z = z;
        own.largest = cat(site.site == embed::Site::ffn ? "" : "heads, ", "share ", share.share,
                          ", ", to_string(tags), " tags,");
      }
    }
  }
  return own;
}

void add_output(const DetectPlan& plan, const Hypothesis& hypothesis, const OutputSite& output,
                OwnReading& own) {
  const double price = hypothesis.price * static_cast<double>(output.tried);
  bool is_excluded = output.readings.size() == output.tried;
  for (const SiteReading& each : output.readings) {
    const SiteScore score = scores_of(plan, {each}, plan.shares_asked(), 1).front();
    // As many pairs as this head would get; added rows may make the true ones seem too long.
    const uint64_t rows = each.total / plan.width;
    const size_t usual = embed::output_pairs(rows, plan.width, plan.shares_asked());
    const bool is_whole = each.used >= each.total - each.total / kRowsLeftOut;
    const bool shows = is_whole && score.expected_z / 2 >= needed_z(price);
    if (each.pairs == usual || output.is_recorded) is_excluded = is_excluded && shows;
    if (score.z <= own.largest_z) continue;
    own.largest_z = score.z;
    own.largest = cat("the output head, ", each.pairs, " pairs,");
  }
  if (is_excluded) own.excluded.push_back(embed::Site::output);
}

bool are_ids_recorded(const DetectRequest& request) {
  return request.record && !request.record->string_labels;
}

Status conclude(checkpoint::ReadingList& readings, const DetectRequest& request,
                const ScanFacts& facts, Detection& out) {
  out.claim = claim_of(out.frame, request.sources);
  out.is_unlisted = request.is_unlisted;
  const auto yes = yes_level(out.ln_p, request.alpha);
  out.doubt = control_doubt(request, out);
  if (!out.doubt && !yes) {
    auto doubt = doubt_about(readings, request, facts, out);
    if (!doubt) return std::move(doubt).error();
    out.doubt = *std::move(doubt);
  }
  out.level = out.doubt ? report::Level::undecided : yes.value_or(report::Level::not_found);
  if (yes) {
    if (out.reading > 0) out.why_not_declared = why_not_declared(readings, out.tried);
    return {};
  }
  // What is not there was looked for in all weights.
  if (const auto& declared = readings.declared()) {
    out.weights_total = declared->anatomy->weight_count();
    out.weights_read = out.weights_total;
  }
  out.skipped_units = facts.skipped_units;
  out.not_finite_units = facts.not_finite_units;
  if (facts.own) out.expected_z_full = facts.own->expected_z;
  if (facts.own) out.excluded = facts.own->excluded;
  if (!are_heads_settled(request.readings, readings, out.tried)) {
    std::erase(out.excluded, embed::Site::heads);
  }
  out.expected_z = out.expected_z_full;
  return {};
}

bool Detection::exceeds_expected() const {
  // What is expected of an output head is a lower bound (specs/output.md 3).
  const double bound = site == SiteChoice::output ? kOutputExceeds : kExceeds;
  return report::is_yes(level) && z > bound * expected_z;
}

}  // namespace wmk::verify
