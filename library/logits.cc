#include "weightmark/logits.h"

#include "library/facade/key_access.h"
#include "library/facade/model_access.h"
#include "library/facade/run_progress.h"
#include "library/facade/sentences.h"
#include "library/models/open_logits.h"
#include "library/words/logits_words.h"
#include "report/probability.h"

namespace weightmark {

namespace {

namespace library = wmk::library;

LogitsDetection public_logits(const wmk::verify::LogitsDetection& found, const std::string& key) {
  const wmk::verify::LogitsTried& best = found.best;
  LogitsDetection out;
  out.verdict = library::public_verdict(found.level);
  out.finding = library::finding(found, key);
  out.claim = found.claim.word();
  out.conditions = library::condition_words(found.claim);
  out.z = best.z;
  out.log10_p = wmk::report::log10_of(found.ln_p);
  out.price = best.price;
  out.reading = best.reading;
  out.rows = found.rows;
  out.columns = found.columns;
  out.rank = best.rank;
  out.rank_by_spectrum = best.rank_by_gap;
  out.pairs = best.pairs;
  out.shares = best.shares;
  for (const auto& each : found.tried) {
    out.readings.push_back({each.reading, each.z, each.price, each.rank, each.fault});
  }
  out.key = key;
  return out;
}

wmk::Error bad_logits(const char* what) { return {wmk::ErrorCode::invalid_argument, what}; }

wmk::Result<LogitsDetection> detect_logits_with(const Logits& logits, const Key& key,
                                                const LogitsOptions& options, const Run& run) {
  if (logits.tokenizer.empty()) return bad_logits("logits need the folder of their tokenizer");
  if (logits.files.empty() == logits.tensors.empty()) {
    return bad_logits("give logits either as files or as tensors");
  }
  // In memory they are one safetensors file, beside copies of the tokenizer's files.
  const auto access = library::ModelAccess::open({logits.tokenizer, {}, {}, logits.tensors});
  if (!access) return access.error();
  const library::LogitsPlaces places{
      access->is_memory() ? std::vector{access->weights()} : logits.files,
      access->place().path,
      options.record,
      options.rank,
      options.shares,
      options.alpha};
  auto opened = library::open_logits(places, key.impl().secret, library::threads_of(run));
  if (!opened) return std::move(opened).error();
  library::RunProgress progress(run);
  opened->request.record = opened->record ? &*opened->record : nullptr;
  opened->request.progress = &progress;
  const auto found = wmk::verify::detect_in_logits(opened->logits, opened->labels, opened->request);
  if (!found) return found.error();
  return public_logits(*found, key.fingerprint());
}

}  // namespace

Result<LogitsDetection> detect_logits(const Logits& logits, const Key& key,
                                      const LogitsOptions& options, const Run& run) {
  return library::timed<LogitsDetection>(
      [&] { return detect_logits_with(logits, key, options, run); });
}

}  // namespace weightmark
