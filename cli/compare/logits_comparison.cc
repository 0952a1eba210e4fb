#include "cli/compare/logits_comparison.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "lineage/logits/compare_logits.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

constexpr std::string_view kNull =
    "heads were trained independently: rows of tokens that no text contains keep the random "
    "numbers that they began with, in any order";
constexpr std::string_view kMeaning =
    "the logits were computed by the reference's output head or by one of the same origin, trained "
    "on or not; this says nothing of the layers below";
constexpr std::string_view kConditions =
    "the reference was fixed before the model behind the logits existed, no text contains the "
    "tokens that the tokenizers name as kept in reserve, and the logits were collected by somebody "
    "who does not gain by the answer";

struct ComparedHead {
  std::string path;
  lineage::LogitsComparison found;
};

struct LogitsAnswer {
  ComparedHead reference;
  std::vector<ComparedHead> controls;
  double seconds = 0;
};

Result<ComparedHead> compare_one(const embed::Logits& logits, const LogitsComparisonInputs& inputs,
                                 const std::string& path, const CommonOptions& common,
                                 ProgressBar& bar) {
  const auto model = open_declared(path, common);
  if (!model) return model.error();
  const std::string folder =
      inputs.tokenizer.empty() ? model->checkpoint.folder().string() : inputs.tokenizer;
  const auto labels = embed::logit_labels(logits, folder);
  if (!labels) return labels.error();
  bar.begin("comparing", logits.rows() * logits.columns() * sizeof(float),
            wmk::Progress::Unit::bytes);
  auto found = lineage::compare_logits({logits, *labels, inputs.seed, common.thread_count(), &bar},
                                       model->checkpoint, model->anatomy, model->vocabulary);
  bar.end();
  if (!found) return std::move(found).error();
  return ComparedHead{path, *std::move(found)};
}

Result<LogitsAnswer> compare_heads(const LogitsComparisonInputs& inputs,
                                   const CommonOptions& common) {
  const auto logits = embed::Logits::open({inputs.files.begin(), inputs.files.end()});
  if (!logits) return logits.error();
  ProgressBar bar(shows_progress(common.progress, common.quiet));
  auto reference = compare_one(*logits, inputs, inputs.reference, common, bar);
  if (!reference) return std::move(reference).error();
  LogitsAnswer out{*std::move(reference), {}, 0};
  for (const std::string& path : inputs.controls) {
    auto control = compare_one(*logits, inputs, path, common, bar);
    if (!control) return std::move(control).error().within("control");
    out.controls.push_back(*std::move(control));
  }
  return out;
}

double highest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

std::string logits_answer_text(const LogitsAnswer& answer) {
  const lineage::LogitsComparison& found = answer.reference.found;
  const bool is_yes = found.verdict == lineage::LineageVerdict::partly_derived;
  std::string out =
      cat(is_yes ? "partly derived" : "not enough evidence", ": ", found.reason, "\n");
  if (is_yes) out += cat("  it means: ", kMeaning, "\n  holds if ", kConditions, "\n");
  if (found.agreement) {
    out += cat("  untouched tokens: mean cosine ", fixed(found.agreement->cosine, 3), " (",
               fixed(found.agreement->expected, 3), " in any order) of ", found.agreement->tokens,
               " tokens, ", report::p_statement(found.agreement->log10_p),
               " (exact)\n    null hypothesis: ", kNull, "\n");
  }
  out += cat("  overlap of spans: ", fixed(found.overlap.value, 3), " of 1 in ",
             found.overlap.directions, " directions, over ", found.tokens, " tokens; at most ",
             fixed(highest(found.overlap.controls), 3), " with tokens permuted in bands of ",
             lineage::kSpanBand, " (", found.overlap.controls.size(), " times; model-based)\n");
  for (const ComparedHead& control : answer.controls) {
    out += cat("  control ", escaped(control.path), ": overlap ",
               fixed(control.found.overlap.value, 3), "\n");
  }
  return cat(out, "  read ", found.rows, " rows of logits in ", duration(answer.seconds), "\n");
}

void write_overlap(const lineage::LogitsComparison& found, json::Writer& out) {
  out.key("overlap").begin_object().member("value", found.overlap.value);
  out.member("directions", found.overlap.directions).key("permuted").begin_array();
  for (const double each : found.overlap.controls) out.value(each);
  out.end_array().member("kind", "model-based").end_object();
}

std::string logits_answer_json(const LogitsAnswer& answer, const LogitsComparisonInputs& inputs) {
  const lineage::LogitsComparison& found = answer.reference.found;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/compare-logits/v1");
  out.member("verdict", lineage::to_string(found.verdict)).member("reason", found.reason);
  out.member("component", "output head").member("tokens", found.tokens).member("rows", found.rows);
  write_overlap(found, out);
  out.member("untouched_tokens", found.untouched).key("untouched");
  if (found.agreement) {
    out.begin_object().member("tokens", static_cast<uint64_t>(found.agreement->tokens));
    out.member("cosine", found.agreement->cosine).member("expected", found.agreement->expected);
    out.member("log10_p", found.agreement->log10_p).member("kind", "exact");
    out.member("null", kNull).end_object();
  } else {
    out.null();
  }
  out.key("controls").begin_array();
  for (const ComparedHead& control : answer.controls) {
    out.begin_object().member("path", control.path);
    write_overlap(control.found, out);
    out.end_object();
  }
  out.end_array().key("files").begin_array();
  for (const std::string& file : inputs.files) out.value(file);
  out.end_array().member("reference", inputs.reference);
  out.member("conditions", kConditions).member("seed", inputs.seed);
  return out.member("seconds", answer.seconds).end_object().finish();
}

}  // namespace

void add_logits_options(Command command, LogitsComparisonInputs& inputs,
                        const std::vector<Option>& others) {
  Option logits = command.add_option(
      "--logits", inputs.files,
      "logits of the suspect in place of its weights: .npy or safetensors (repeatable)");
  for (const Option& other : others) logits.excludes(other);
  command
      .add_option("--tokenizer", inputs.tokenizer,
                  "with --logits: folder of their tokenizer (default: the reference's)")
      .needs(logits);
  command
      .add_option("--control", inputs.controls,
                  "with --logits: another model, shown beside the reference (repeatable)")
      .needs(logits);
}

int compare_with_logits(const LogitsComparisonInputs& inputs, const CommonOptions& common) {
  const Stopwatch stopwatch;
  auto answer = compare_heads(inputs, common);
  if (!answer) return fail(answer.error());
  answer->seconds = stopwatch.seconds();
  say(common.json ? logits_answer_json(*answer, inputs) : logits_answer_text(*answer));
  return exit_code(answer->reference.found.verdict);
}

}  // namespace wmk::cli
