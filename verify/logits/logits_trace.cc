#include <algorithm>

#include "embed/licensees/release_head.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/price.h"
#include "verify/logits/logits_detect.h"

namespace wmk::verify {

Claim logits_claim() {
  return {{Condition::suspect_independent_of_key, Condition::logits_collected_independently}};
}

Result<LogitsTrace> trace_in_logits(const embed::Logits& logits,
                                    const std::vector<std::string>& labels,
                                    const std::vector<std::string>& ids,
                                    const std::optional<LogitsBase>& base,
                                    const LogitsRequest& request) {
  if (request.rank && *request.rank < 1) {
    return Error(ErrorCode::invalid_argument, "a rank is at least 1");
  }
  if (Status alpha = check_alpha(request.alpha); !alpha) return std::move(alpha).error();
  const auto carriers = embed::output_carriers(*request.master, 0, true, labels, request.threads);
  const embed::LogitsOptions options{
      .rank = request.rank, .threads = request.threads, .progress = request.progress};
  auto read = embed::read_output_logits(logits, carriers, options);
  if (!read) return std::move(read).error();
  LogitsTrace out;
  out.rows = read->rows;
  out.columns = read->columns;
  out.rank = read->rank;
  out.claim = logits_claim();
  out.pairs = request.record != nullptr && request.record->output_pairs > 0
                  ? request.record->output_pairs
                  : embed::output_pairs(read->columns, read->rank, 1);
  // A rank by hand is the second place, whether the first one was tried or not.
  out.price = embed::trace_price(request.rank ? 2 : 1, ids.size());
  if (base) {
    auto sums = embed::slot_sums_of(*base->checkpoint, *base->anatomy, base->labels,
                                    *request.master, request.threads, request.progress);
    if (!sums) return std::move(sums).error().within("base");
    embed::subtract(*sums, read->output.slot_sums);
    out.claim.conditions.push_back(Condition::base_independent_of_suspect);
  }
  const auto* const counts = embed::kOutputPairCounts.begin();
  const auto index =
      static_cast<size_t>(std::find(counts, embed::kOutputPairCounts.end(), out.pairs) - counts);
  const crypto::SecretBytes trace = embed::trace_key(*request.master);
  const Statistic statistic{.output = 0, .price = out.price};
  out.found = name_licensees({{}, {read->output.slot_sums[index]}}, std::span(&statistic, 1),
                             {.trace = &trace,
                              .licensees = ids,
                              .alpha = request.alpha,
                              .threads = request.threads,
                              .progress = request.progress,
                              .listed_min = request.listed_min});
  out.level = out.found.best.front().level;
  return out;
}

}  // namespace wmk::verify
