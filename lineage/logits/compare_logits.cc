#include "lineage/logits/compare_logits.h"

#include "base/text.h"
#include "embed/output/output_signs.h"

namespace wmk::lineage {

namespace {

void conclude_logits(LogitsComparison& found) {
  if (!found.agreement) {
    found.reason = cat("only tokens that no text contains give an exact p: there are ",
                       found.untouched, " in common, at least ", kUntouchedMin,
                       " are needed; the overlap supports a verdict but never suffices for one");
  } else if (found.agreement->log10_p > kLog10Hit) {
    found.reason = "the logits of tokens that no text contains are not those of the reference";
  } else if (found.agreement->cosine < kCopiedMin) {
    found.reason = cat("a mean cosine of ", fixed(found.agreement->cosine, 3),
                       " is too weak to come from copying");
  } else {
    found.verdict = LineageVerdict::partly_derived;
    found.reason =
        "the reference's output head predicts the logits of tokens that no text contains";
  }
}

}  // namespace

Result<LogitsComparison> compare_logits(const LogitsSources& sources,
                                        const checkpoint::Checkpoint& reference,
                                        const checkpoint::Anatomy& anatomy,
                                        const checkpoint::Vocabulary& vocabulary) {
  const auto head = embed::find_output_head(reference, anatomy);
  if (!head) return head.error();
  if (!head->missing.empty()) return Error(ErrorCode::unsupported, head->missing);
  const SharedTokens tokens =
      shared_tokens(sources.labels, embed::head_labels(vocabulary.strings, head->rows));
  const auto moments = span_moments(
      {sources.logits, reference, *head, tokens, sources.seed, sources.threads, sources.progress});
  if (!moments) return moments.error();
  const auto overlap = span_overlap(*moments);
  if (!overlap) return malformed("the logits, or the output head of the reference, have no span");
  LogitsComparison out;
  out.tokens = moments->tokens;
  out.rows = moments->rows;
  out.overlap = *overlap;
  out.untouched = moments->untouched;
  out.agreement = untouched_agreement(*moments);
  conclude_logits(out);
  return out;
}

}  // namespace wmk::lineage
