#include "cli/detect/logits_command.h"

#include "base/json.h"
#include "base/text.h"
#include "cli/detect/detect_words.h"
#include "cli/verdict_text.h"
#include "verify/logits/logits_detect.h"

namespace wmk::cli {

namespace {

constexpr size_t kListed = 20;  // licensees in JSON
constexpr std::string_view kMeaning =
    "the logits were computed by this release's head, by one trained on from it, or by one fitted "
    "to its logits; this says nothing of the layers below";

// The inputs, opened.
struct OpenedLogits {
  embed::Logits logits;
  std::vector<std::string> labels;
  std::optional<embed::MarkRecord> record;
  verify::LogitsRequest request;
};

Result<OpenedLogits> open_logits(const LogitsInputs& inputs, const crypto::SecretBytes& key,
                                 const CommonOptions& common) {
  if (inputs.tokenizer.empty()) {
    return Error(ErrorCode::invalid_argument, "--logits needs --tokenizer DIR");
  }
  auto logits = embed::Logits::open({inputs.files.begin(), inputs.files.end()});
  if (!logits) return std::move(logits).error();
  auto labels = embed::logit_labels(*logits, inputs.tokenizer);
  if (!labels) return std::move(labels).error();
  OpenedLogits out{*std::move(logits), *std::move(labels), std::nullopt, {}};
  if (!inputs.record.empty()) {
    auto record = load_record(inputs.record, key, "");
    if (!record) return std::move(record).error();
    out.record = *std::move(record);
  }
  out.request.master = &key;
  out.request.shares = inputs.shares;
  if (inputs.rank) out.request.rank = *inputs.rank;
  out.request.softcap = verify::softcap_of(inputs.tokenizer);
  out.request.alpha = inputs.alpha;
  out.request.threads = common.thread_count();
  return out;
}

void write_conditions(const verify::Claim& claim, json::Writer& out) {
  out.member("site", "output").member("source", "logits").member("claim", claim.word());
  out.key("conditions").begin_array();
  for (const auto condition : claim.conditions) out.value(to_string(condition));
  out.end_array();
}

std::string detect_sentence(const verify::LogitsDetection& found, const std::string& key) {
  if (!report::is_yes(found.level)) {
    return cat("no mark of ", key, " was detected in these logits, but one cannot be excluded");
  }
  return cat("the output head behind these logits spans the mark of ", key,
             condition_clause(found.claim));
}

std::string detect_logits_text(const verify::LogitsDetection& found, const std::string& key,
                               double seconds) {
  const verify::LogitsTried& best = found.best;
  std::string out = cat(words_of(found.level).name, ": ", detect_sentence(found, key), "\n");
  out += cat("  z = ", fixed(best.z, 1), ", ", report::p_statement(report::log10_of(found.ln_p)),
             " (price ", fixed(best.price, 0), "); ", best.pairs, " pairs, ", best.shares,
             best.shares == 1 ? " share\n" : " shares\n");
  if (report::is_yes(found.level)) out += cat("  it means: ", kMeaning, "\n");
  out += cat("  holds if ", found.claim.text(), "\n");
  out +=
      cat("  read ", found.rows, " rows of ", best.columns, " tokens in ", duration(seconds), ", ",
          best.reading, "; rank ", best.rank, best.rank_by_gap ? " by its spectrum" : "", "\n");
  if (!report::is_yes(found.level)) {
    out += "  next: more rows (as many as the model is wide show all), or its width (--rank D)\n";
  }
  return out;
}

std::string detect_logits_json(const verify::LogitsDetection& found, const LogitsInputs& inputs,
                               const std::string& key, double seconds) {
  const verify::LogitsTried& best = found.best;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/detect/v1");
  out.member("verdict", words_of(found.level).code).member("z", best.z);
  out.member("log10_p", report::log10_of(found.ln_p)).member("hypotheses", best.price);
  out.member("place", static_cast<uint64_t>(best.place)).member("price", best.price);
  out.member("tried", static_cast<uint64_t>(found.tried.size())).member("reading", best.reading);
  out.member("rows", found.rows).member("columns", found.columns).member("rank", best.rank);
  out.member("rank_by_spectrum", best.rank_by_gap);
  out.member("pairs", static_cast<uint64_t>(best.pairs));
  out.member("shares", static_cast<uint64_t>(best.shares));
  write_conditions(found.claim, out);
  out.member("finding", cat(detect_sentence(found, key), "."));
  out.key("readings").begin_array();
  for (const verify::LogitsTried& each : found.tried) {
    out.begin_object().member("reading", each.reading).member("z", each.z);
    out.member("place", static_cast<uint64_t>(each.place)).member("price", each.price);
    out.member("rank", each.rank).key("fault");
    each.fault.empty() ? out.null() : out.value(each.fault);
    out.end_object();
  }
  out.end_array().key("files").begin_array();
  for (const std::string& file : inputs.files) out.value(file);
  out.end_array().member("tokenizer", inputs.tokenizer).member("key", key);
  return out.member("seconds", seconds).end_object().finish();
}

std::string trace_sentence(const verify::LogitsTrace& found) {
  if (!report::is_yes(found.level)) return "no licensee's mark was detected in these logits";
  return cat("these logits are of the copy of '", escaped(found.best[0].id), "'",
             condition_clause(found.claim));
}

std::string trace_logits_text(const verify::LogitsTrace& found, double seconds) {
  std::string out = cat(words_of(found.level).name, ": ", trace_sentence(found), "\n");
  out += cat("  tested ", found.best.size(), " ids (price ", fixed(found.price, 0), ") in ",
             duration(seconds), "; ", found.pairs, " pairs, rank ", found.rank, " of ", found.rows,
             " rows\n  holds if ", found.claim.text(), "\n");
  for (size_t i = 0; i < std::min<size_t>(5, found.best.size()); ++i) {
    const verify::LogitsLicensee& one = found.best[i];
    out += cat("  ", escaped(one.id), ": z = ", fixed(one.z, 1), ", ",
               report::p_statement(report::log10_of(one.ln_p)), "\n");
  }
  return out;
}

std::string trace_logits_json(const verify::LogitsTrace& found, const std::string& key,
                              double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/trace/v1");
  out.member("verdict", words_of(found.level).code).member("price", found.price);
  out.member("tested", static_cast<uint64_t>(found.best.size()));
  out.member("rows", found.rows).member("columns", found.columns).member("rank", found.rank);
  out.member("pairs", static_cast<uint64_t>(found.pairs));
  write_conditions(found.claim, out);
  out.member("finding", cat(trace_sentence(found), "."));
  out.key("licensees").begin_array();
  for (size_t i = 0; i < std::min(kListed, found.best.size()); ++i) {
    const verify::LogitsLicensee& one = found.best[i];
    out.begin_object().member("id", one.id).member("z", one.z);
    out.member("log10_p", report::log10_of(one.ln_p)).end_object();
  }
  out.end_array().member("key", key);
  return out.member("seconds", seconds).end_object().finish();
}

}  // namespace

void add_logits_options(Command command, const Option& model, LogitsInputs& inputs) {
  command
      .add_option("--logits", inputs.files,
                  "logits in place of a model: .npy or safetensors (repeatable)")
      .excludes(model);
  command.add_option("--tokenizer", inputs.tokenizer, "folder of the tokenizer of the logits");
  command.add_option("--rank", inputs.rank, "width of the model behind the logits, if known");
}

void require_model(const std::string& model, const LogitsInputs& inputs) {
  if (model.empty() && !inputs.are_given()) missing("model");
}

int detect_logits(const LogitsInputs& inputs, const crypto::SecretBytes& key,
                  const CommonOptions& common) {
  const Stopwatch stopwatch;
  auto opened = open_logits(inputs, key, common);
  if (!opened) return fail(opened.error());
  opened->request.record = opened->record ? &*opened->record : nullptr;
  auto found = verify::detect_in_logits(opened->logits, opened->labels, opened->request);
  if (!found) return fail(found.error());
  const std::string name = crypto::fingerprint(key);
  say(common.json ? detect_logits_json(*found, inputs, name, stopwatch.seconds())
                  : detect_logits_text(*found, name, stopwatch.seconds()));
  return exit_code(found->level);
}

int trace_logits(const LogitsInputs& inputs, const std::vector<std::string>& ids,
                 const crypto::SecretBytes& key, const CommonOptions& common) {
  const Stopwatch stopwatch;
  auto opened = open_logits(inputs, key, common);
  if (!opened) return fail(opened.error());
  auto found = verify::trace_in_logits(opened->logits, opened->labels, ids, opened->request);
  if (!found) return fail(found.error());
  say(common.json ? trace_logits_json(*found, crypto::fingerprint(key), stopwatch.seconds())
                  : trace_logits_text(*found, stopwatch.seconds()));
  return exit_code(found->level);
}

}  // namespace wmk::cli
