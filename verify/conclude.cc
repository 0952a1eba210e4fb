#include "verify/conclude.h"

#include "base/text.h"
#include "embed/scheme/label_set.h"

namespace wmk::verify {

namespace {

constexpr double kExceeds = 1.3;  // times the expected z

std::optional<Doubt> control_doubt(const DetectRequest& request, const Detection& found) {
  for (size_t i = 0; i < found.controls.size(); ++i) {
    if (found.controls[i].is_null) continue;
    const auto& path = request.controls[i].checkpoint->path();
    return Doubt{DoubtKind::control, cat("the control '", escaped(path.string()),
                                         "' shows z = ", fixed(found.controls[i].z, 1),
                                         " in the same frame, so this frame shows nothing")};
  }
  return std::nullopt;
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

}  // namespace

bool are_ids_recorded(const DetectRequest& request) {
  return request.record && !request.record->string_labels;
}

Status conclude(const Subject& subject, const DetectRequest& request, const ScanFacts& facts,
                Detection& out) {
  out.claim = claim_of(out.frame, request.sources);
  const auto yes = yes_level(out.ln_p, request.alpha);
  out.doubt = control_doubt(request, out);
  if (!out.doubt && !yes) {
    auto doubt = find_doubt(evidence_of(subject, request, facts, out.ln_p), request.threads);
    if (!doubt) return std::move(doubt).error();
    out.doubt = *std::move(doubt);
  }
  out.level = out.doubt ? report::Level::undecided : yes.value_or(report::Level::not_found);
  if (yes) return {};
  // What is not there was looked for in all weights.
  out.weights_read = out.weights_total;
  out.skipped_units = facts.skipped_units;
  out.not_finite_units = facts.not_finite_units;
  if (facts.own) out.expected_z_full = facts.own->expected_z;
  out.expected_z = out.expected_z_full;
  return {};
}

bool Detection::exceeds_expected() const {
  return report::is_yes(level) && z > kExceeds * expected_z;
}

}  // namespace wmk::verify
