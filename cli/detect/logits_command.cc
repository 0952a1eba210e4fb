#include "cli/detect/logits_command.h"

#include "base/json.h"
#include "base/text.h"
#include "cli/detect/detect_words.h"
#include "cli/detect/logits_view.h"
#include "cli/verdict_text.h"
#include "verify/frame_source.h"

namespace wmk::cli {

namespace {

constexpr size_t kListed = 20;  // licensees in JSON

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

Result<std::vector<FileDigest>> digests_of(const LogitsInputs& inputs,
                                           const CommonOptions& common) {
  std::vector<std::filesystem::path> paths(inputs.files.begin(), inputs.files.end());
  for (auto& path : companion_paths(inputs.tokenizer)) paths.push_back(std::move(path));
  if (!inputs.record.empty()) paths.emplace_back(inputs.record);
  return digests_of_files(paths, common.thread_count());
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

std::string trace_logits_json(const verify::LogitsTrace& found, bool subtracts,
                              const std::string& key, double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/trace/v1");
  out.member("verdict", words_of(found.level).code).member("price", found.price);
  out.member("tested", static_cast<uint64_t>(found.best.size()));
  out.member("rows", found.rows).member("columns", found.columns).member("rank", found.rank);
  out.member("pairs", static_cast<uint64_t>(found.pairs));
  write_logits_claim(found.claim, out);
  out.member("finding", cat(trace_sentence(found), "."));
  out.key("licensees").begin_array();
  for (size_t i = 0; i < std::min(kListed, found.best.size()); ++i) {
    const verify::LogitsLicensee& one = found.best[i];
    out.begin_object().member("id", one.id).member("z", one.z);
    out.member("log10_p", report::log10_of(one.ln_p)).end_object();
  }
  out.end_array().member("base_subtracted", subtracts).member("key", key);
  return out.member("seconds", seconds).end_object().finish();
}

}  // namespace

void add_logits_options(Command command, const Option& model, LogitsInputs& inputs,
                        const std::vector<Option>& others) {
  Option logits = command.add_option(
      "--logits", inputs.files, "logits in place of a model: .npy or safetensors (repeatable)");
  logits.excludes(model);
  for (const Option& other : others) logits.excludes(other);
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
  LogitsView view{*found, inputs, crypto::fingerprint(key), stopwatch.seconds()};
  if (common.json || !inputs.report.empty()) {
    auto files = digests_of(inputs, common);
    if (!files) return fail(files.error());
    view.files = *std::move(files);
  }
  if (!inputs.report.empty()) {
    auto status = write_whole(inputs.report, as_bytes(logits_page(view)), 0644, inputs.force);
    if (!status) return fail(status.error());
  }
  say(common.json ? logits_json(view) : logits_text(view));
  return exit_code(found->level);
}

int trace_logits(const LogitsInputs& inputs, const std::vector<std::string>& ids,
                 const std::string& base, const crypto::SecretBytes& key,
                 const CommonOptions& common) {
  const Stopwatch stopwatch;
  auto opened = open_logits(inputs, key, common);
  if (!opened) return fail(opened.error());
  std::optional<OpenedModel> release;
  std::optional<verify::LogitsBase> subtracted;
  if (!base.empty()) {
    auto model = open_declared(base, common);
    if (!model) return fail(std::move(model).error().within("base"));
    release = *std::move(model);
    const verify::Subject subject{&release->checkpoint, &release->anatomy, &release->vocabulary};
    subtracted = {subject.checkpoint, subject.anatomy,
                  verify::make_labels(subject, verify::FrameSource::strings)};
  }
  auto found =
      verify::trace_in_logits(opened->logits, opened->labels, ids, subtracted, opened->request);
  if (!found) return fail(found.error());
  const bool subtracts = subtracted.has_value();
  say(common.json
          ? trace_logits_json(*found, subtracts, crypto::fingerprint(key), stopwatch.seconds())
          : trace_logits_text(*found, stopwatch.seconds()));
  return exit_code(found->level);
}

}  // namespace wmk::cli
