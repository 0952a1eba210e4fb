#include "library/models/open_logits.h"

#include "library/models/open_model.h"

namespace wmk::library {

Result<OpenedLogits> open_logits(const LogitsPlaces& places, const crypto::SecretBytes& key,
                                 unsigned threads) {
  auto logits = embed::Logits::open({places.files.begin(), places.files.end()});
  if (!logits) return std::move(logits).error();
  auto labels = embed::logit_labels(*logits, places.tokenizer);
  if (!labels) return std::move(labels).error();
  OpenedLogits out{*std::move(logits), *std::move(labels), std::nullopt, {}};
  if (!places.record.empty()) {
    auto record = load_record(places.record, key, "");
    if (!record) return std::move(record).error();
    out.record = *std::move(record);
  }
  out.request.master = &key;
  out.request.shares = places.shares;
  if (places.rank) out.request.rank = *places.rank;
  out.request.softcap = verify::softcap_of(places.tokenizer);
  out.request.alpha = places.alpha;
  out.request.threads = threads;
  return out;
}

}  // namespace wmk::library
