#include "verify/carried_labels.h"

#include <algorithm>

#include "base/text.h"
#include "embed/output/output_signs.h"
#include "embed/output/row_match.h"
#include "embed/scheme/keys.h"
#include "verify/carried.h"

namespace wmk::verify {

namespace {

constexpr double kLnChoicesMax = 600;  // beyond it no z is a *yes*
constexpr uint64_t kRowsOfWidth = 2;   // at least, of a span that says anything

// The directions of every mark of the key that the head may carry; an Error if they would leave
// less than half of it.
Result<WipedVector<int8_t>> directions_of(const DetectRequest& request, uint64_t rows,
                                          uint64_t width) {
  size_t pairs = request.record != nullptr ? request.record->output_pairs : 0;
  for (unsigned shares = 1; shares <= embed::kSharesMax; ++shares) {
    pairs = std::max(pairs, embed::output_pairs(rows, width, shares));
  }
  for (const size_t count : embed::kOutputPairCounts) {
    if (8 * embed::kSharesMax * count <= width) pairs = std::max(pairs, count);
  }
  // Of a disclosed share, its own directions: those of the others are not scored.
  unsigned shares = request.disclosed ? 1 : embed::kSharesMax;
  if (2 * shares * pairs > width && request.record != nullptr) shares = request.record->shares;
  if (2 * shares * pairs > width) {
    return Error(ErrorCode::unsupported, "the directions of its mark fill the output head");
  }
  WipedVector<int8_t> out;
  for (unsigned share = 0; share < shares; ++share) {
    const auto one = embed::output_directions(request.share_key(share), pairs, width);
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

Result<embed::RowMatch> match(const Subject& suspect, const embed::OutputHead& head,
                              const embed::OutputHead& known, const DetectRequest& request) {
  const Subject& source = request.carried->source();
  embed::LabelledHead labelled{*source.checkpoint, known};
  labelled.is_marked = !request.carried->is_original();
  auto directions = directions_of(request, known.rows, source.anatomy->width);
  if (!directions && labelled.is_marked) return std::move(directions).error();
  if (directions) labelled.directions = *std::move(directions);
  const auto run = [&](const std::vector<float>* turn) {
    if (request.progress) request.progress->begin("tokens of the release", head.rows);
    auto out = embed::match_rows(*suspect.checkpoint, head, labelled, turn, request.threads,
                                 request.progress);
    if (request.progress) request.progress->end();
    return out;
  };
  auto out = run(nullptr);
  if (labelled.is_marked || (out && out->matched >= kRowsOfWidth * suspect.anatomy->width)) {
    return out;
  }
  // The original carries no mark, so its map depends on no sign.
  const auto fit = request.carried->fit(suspect, {request.threads, request.progress});
  return fit && (*fit)->found() ? run(&(*fit)->map->o) : std::move(out);
}

}  // namespace

Result<CarriedLabels> carried_labels(const Subject& suspect, const embed::OutputHead& head,
                                     const DetectRequest& request) {
  const Subject& source = request.carried->source();
  const bool is_original = request.carried->is_original();
  const std::string_view option = is_original ? "--original" : "--release";
  CarriedLabels out;
  out.tokens.rows = head.rows;
  const auto known = embed::find_output_head(*source.checkpoint, *source.anatomy);
  if (!known) return known.error();
  if (!known->missing.empty()) {
    out.tokens.why_not = cat("the output head of ", option, " cannot be read: ", known->missing);
    return out;
  }
  const auto matched = match(suspect, head, *known, request);
  if (!matched && matched.error().code() != ErrorCode::unsupported) return matched.error();
  if (!matched) {
    out.tokens.why_not = matched.error().message();
    if (!is_original) out.tokens.why_not += "; give the model before it was marked (--original)";
    return out;
  }
  out.tokens.matched = matched->matched;
  out.tokens.distance = matched->distance;
  out.tokens.open = matched->open;
  out.ln_choices = matched->ln_choices;
  if (matched->matched < kRowsOfWidth * suspect.anatomy->width) {
    out.tokens.why_not = cat("its rows are not those of ", option);
  } else if (matched->ln_choices > kLnChoicesMax) {
    out.tokens.why_not = cat("rounding of the release could change which tokens ", matched->open,
                             " rows are; give the model before it was marked (--original)");
  }
  const bool by_ids =
      (request.record && !request.record->string_labels) || source.vocabulary->source.empty();
  const auto labels = embed::head_labels(
      make_labels(source, by_ids ? FrameSource::ids : FrameSource::strings), known->rows);
  out.labels.resize(head.rows);
  out.used.resize(head.rows);
  for (uint64_t row = 0; row < head.rows; ++row) {
    const uint32_t at = matched->row[row];
    if (at == embed::RowMatch::kNone) continue;
    out.labels[row] = labels[at];
    out.used[row] = 1;
  }
  return out;
}

}  // namespace wmk::verify
