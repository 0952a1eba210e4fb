#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "embed/mark/embedder.h"
#include "embed/scheme/keys.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  KeyOptions key;
  std::string model, out, record, licensee;
  std::string strength = "auto";
  std::string shares = "auto";
  bool dry_run = false;
  bool force = false;
};

Result<std::optional<double>> number_or_auto(const std::string& text, const char* what) {
  if (text == "auto") return std::optional<double>();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error(ErrorCode::invalid_argument,
                 cat(what, " must be 'auto' or a number, not '", escaped(text), "'"));
  }
  return std::optional<double>(value);
}

Status fill_request(const Options& options, embed::EmbedRequest& request) {
  auto strength = number_or_auto(options.strength, "--strength");
  if (!strength) return std::move(strength).error();
  auto shares = number_or_auto(options.shares, "--shares");
  if (!shares) return std::move(shares).error();
  request.strength = *strength;
  if (*shares) {
    if (!(**shares >= 1 && **shares <= embed::kSharesMax) || **shares != std::floor(**shares)) {
      return Error(ErrorCode::invalid_argument, "--shares must be 'auto' or 1, 2, 3 or 4");
    }
    request.shares = static_cast<unsigned>(**shares);
  }
  if (!options.licensee.empty()) request.licensee = options.licensee;
  request.out = options.out;
  std::filesystem::path record = request.out.lexically_normal();
  if (record.filename().empty()) record = record.parent_path();
  record += ".mark";
  request.record = options.record.empty() ? record : std::filesystem::path(options.record);
  request.replace = options.force;
  request.threads = options.common.thread_count();
  return {};
}

struct Summary {
  const OpenedModel& model;
  const embed::MarkPlan& plan;
  const embed::EmbedRequest& request;
  std::string fingerprint;
  double expected_z;
  const embed::EmbedResult* result;  // null for a dry run
  double seconds;
};

std::string as_json(const Summary& s) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/embed/v1").member("dry_run", !s.result);
  out.member("units", s.model.anatomy.unit_count()).member("weights", s.plan.weights);
  out.member("strength", s.plan.strength);
  out.member("shares", static_cast<uint64_t>(s.request.licensee ? 0 : s.plan.shares));
  out.key("licensee");
  s.request.licensee ? out.value(*s.request.licensee) : out.null();
  out.member("expected_z", s.expected_z).member("key", s.fingerprint);
  out.member("labels", s.model.vocabulary.source.empty() ? "ids" : "strings");
  out.member("output", s.request.out.string()).member("record", s.request.record.string());
  if (s.result) {
    out.member("relative_change", s.result->change.relative());
    out.member("skipped_units", s.result->change.skipped);
    out.member("not_finite_units", s.result->change.not_finite);
    out.member("bytes", s.result->bytes_written).member("seconds", s.seconds);
  }
  return out.end_object().finish();
}

std::string as_text(const Summary& s) {
  const bool licensee = s.request.licensee.has_value();
  const std::string target = escaped(s.request.out.string());
  const std::string what = licensee ? cat("licensee '", escaped(*s.request.licensee), "'")
                                    : cat(s.plan.shares, s.plan.shares == 1 ? " share" : " shares");
  std::string out = s.result
                        ? cat("marked: ", target, " carries the mark of ", s.fingerprint, "\n")
                        : cat("plan: ", target, " would carry the mark of ", s.fingerprint, "\n");
  out += cat("  ", si(static_cast<double>(s.model.anatomy.unit_count())), " units, ",
             si(static_cast<double>(s.plan.weights)), " weights, strength ",
             fixed(s.plan.strength * 100, 3), " %, ", what, ", expected z ", fixed(s.expected_z, 1),
             "\n");
  uint64_t bytes = 0;
  for (const ReadFile& file : s.model.checkpoint.files()) bytes += file.size();
  if (!s.result) {
    return out + cat("  would write ", si(static_cast<double>(bytes), "B"), "; nothing written\n");
  }
  out +=
      cat("  relative change ", fixed(s.result->change.relative() * 100, 3), " %, wrote ",
          si(static_cast<double>(s.result->bytes_written), "B"), " in ", duration(s.seconds),
          "\n  record ", escaped(s.request.record.string()), " (secret: keep it with the key)\n");
  return out + (licensee ? cat("  next: weightmark trace ", target, " --key KEY --licensees IDS\n")
                         : cat("  next: weightmark detect ", target, " --key KEY\n"));
}

int embed_model(const Options& options) {
  embed::EmbedRequest request;
  Status status = fill_request(options, request);
  if (!status) return fail(status.error());
  auto key = load_key(options.key);
  if (!key) return fail(key.error());
  request.master = &*key;
  auto model = open_model(options.model, options.common);
  if (!model) return fail(model.error());
  status = embed::check_markable(model->checkpoint, model->anatomy);
  if (!status) return fail(status.error());
  auto plan = embed::plan_embedding(model->anatomy, request);
  if (!plan) return fail(plan.error());

  Summary summary{*model, *plan, request, crypto::fingerprint(*key), 0, nullptr, 0};
  summary.expected_z = plan->expected_z(plan->shares);
  std::optional<embed::EmbedResult> result;
  if (!options.dry_run) {
    ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
    request.progress = &bar;
    const Stopwatch stopwatch;
    auto made = embed::embed(model->checkpoint, model->anatomy, model->vocabulary, *plan, request);
    if (!made) return fail(made.error());
    result = std::move(*made);
    summary.result = &*result;
    summary.seconds = stopwatch.seconds();
    if (!options.common.quiet) {
      for (const std::string& text : result->notes) note(text);
    }
    if (result->change.not_finite > 0) {
      warn(cat(result->change.not_finite,
               " units were skipped because they contain NaN or infinite weights"));
    }
  }
  say(options.common.json ? as_json(summary) : as_text(summary));
  return kYes;
}

}  // namespace

void add_embed_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("embed", "write a marked copy of a model");
  command.add_option("model", options->model, "folder, .safetensors file or index").required();
  add_key_options(command, options->key);
  command.add_option("-o,--out", options->out, "where to write the marked copy (must not exist)")
      .required();
  command.add_option("--strength", options->strength,
                     "relative change of each weight vector: auto, or 1e-4 to 3e-2");
  command.add_option("--shares", options->shares,
                     "number of independent shares of the mark: auto, or 1 to 4");
  command.add_option("--licensee", options->licensee,
                     "embed the mark of this licensee instead of the ownership mark");
  command.add_option("--record", options->record,
                     "where to write the mark's record (default: OUT.mark)");
  command.add_flag("--dry-run", options->dry_run, "only print the plan");
  command.add_flag("--force", options->force, "replace an existing output");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return embed_model(*options); }; });
}

}  // namespace wmk::cli
