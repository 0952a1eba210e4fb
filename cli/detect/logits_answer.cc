#include "base/text.h"
#include "cli/detect/logits_view.h"
#include "cli/verdict_text.h"
#include "library/words/detect_words.h"
#include "library/words/logits_words.h"

namespace wmk::cli {

void write_logits_claim(const verify::Claim& claim, json::Writer& out) {
  out.member("site", "output").member("source", "logits").member("claim", claim.word());
  out.key("conditions").begin_array();
  for (const auto condition : claim.conditions) out.value(to_string(condition));
  out.end_array();
}

std::string logits_text(const LogitsView& view) {
  const verify::LogitsDetection& found = view.found;
  const verify::LogitsTried& best = found.best;
  std::string out = cat(library::words_of(found.level).name, ": ",
                        library::finding(found, view.fingerprint), "\n");
  out += cat("  z = ", fixed(best.z, 1), ", ", report::p_statement(report::log10_of(found.ln_p)),
             " (price ", fixed(best.price, 0), "); ", best.pairs, " pairs, ", best.shares,
             best.shares == 1 ? " share\n" : " shares\n");
  if (report::is_yes(found.level)) out += cat("  it means: ", kLogitsMeaning, "\n");
  out += cat("  holds if ", found.claim.text(), "\n");
  out += cat("  read ", found.rows, " rows of ", best.columns, " tokens in ",
             duration(view.seconds), ", ", best.reading, "; rank ", best.rank,
             best.rank_by_gap ? " by its spectrum" : "", "\n");
  if (!report::is_yes(found.level)) {
    out += "  next: more rows (as many as the model is wide show all), or its width (--rank D)\n";
  }
  return out;
}

namespace {

void write_logits_readings(const LogitsView& view, json::Writer& out) {
  out.key("readings").begin_array();
  for (const verify::LogitsTried& each : view.found.tried) {
    out.begin_object().member("reading", each.reading).member("z", each.z);
    out.member("place", static_cast<uint64_t>(each.place)).member("price", each.price);
    out.member("rank", each.rank).key("fault");
    each.fault.empty() ? out.null() : out.value(each.fault);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string logits_json(const LogitsView& view) {
  const verify::LogitsDetection& found = view.found;
  const verify::LogitsTried& best = found.best;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/detect/v1");
  out.member("verdict", library::words_of(found.level).code).member("z", best.z);
  out.member("log10_p", report::log10_of(found.ln_p)).member("hypotheses", best.price);
  out.member("place", static_cast<uint64_t>(best.place)).member("price", best.price);
  out.member("tried", static_cast<uint64_t>(found.tried.size())).member("reading", best.reading);
  out.member("rows", found.rows).member("columns", found.columns).member("rank", best.rank);
  out.member("rank_by_spectrum", best.rank_by_gap);
  out.member("pairs", static_cast<uint64_t>(best.pairs));
  out.member("shares", static_cast<uint64_t>(best.shares));
  write_logits_claim(found.claim, out);
  out.member("finding", cat(library::finding(found, view.fingerprint), "."));
  write_logits_readings(view, out);
  out.key("files").begin_array();
  for (const FileDigest& file : view.files) {
    out.begin_object().member("name", file.name).member("bytes", file.bytes);
    out.member("sha256", file.sha256).end_object();
  }
  out.end_array().member("tokenizer", view.inputs.tokenizer).member("key", view.fingerprint);
  return out.member("seconds", view.seconds).end_object().finish();
}

}  // namespace wmk::cli
