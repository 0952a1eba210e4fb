#include "base/json.h"
#include "base/text.h"
#include "checkpoint/adapter/adapter.h"
#include "cli/detect/adapter_base.h"
#include "cli/detect/carry_options.h"
#include "cli/detect/detect_words.h"
#include "cli/detect/licensee_ids.h"
#include "cli/detect/logits_command.h"
#include "cli/inputs.h"
#include "cli/verdict_text.h"
#include "verify/trace/trace.h"

namespace wmk::cli {

namespace {

using report::Level;

struct Options {
  CommonOptions common;
  KeyOptions key;
  std::string model, licensees, from_register, base;
  CarryOptions carry;
  LogitsInputs logits;
  double alpha = verify::kDefaultAlpha;
};

// Those of the list or of the register.
Result<std::vector<std::string>> ids_of(const Options& options, const crypto::SecretBytes& key) {
  if (options.from_register.empty()) return read_licensees(options.licensees);
  auto read = open_register(options.from_register, key, options.common.thread_count());
  if (!read) return std::move(read).error();
  return std::move(read->ids);
}

// Without its full stop.
std::string headline(const verify::Trace& found) {
  if (report::is_yes(found.level)) {
    const bool is_output = found.site == embed::Site::output;
    if (found.best.front().z < 0) {
      return cat("the copy of licensee '", escaped(found.best.front().id),
                 "' was used to make this one, and its mark is subtracted",
                 condition_clause(found.claim));
    }
    return cat(is_output ? "the output head is that of the copy of licensee '"
                         : "this is the copy of licensee '",
               escaped(found.best.front().id), "'", condition_clause(found.claim));
  }
  if (found.level == Level::not_found) {
    return cat("no mark of any of the ", found.tested,
               " licensees in the FFN, in the model's own frame; a copy with a new tokenizer or "
               "embedding is not excluded");
  }
  return "no licensee's mark was detected, but a weak one cannot be excluded";
}

std::string as_json(const verify::Trace& found, const Options& options, bool base_subtracted,
                    const std::string& fingerprint, double seconds) {
  json::Writer out;
  out.begin_object()
      .member("schema", "weightmark/trace/v1")
      .member("verdict", words_of(found.level).code);
  out.key("licensees").begin_array();
  for (const verify::LicenseeZ& one : found.best) {
    out.begin_object().member("id", one.id).member("z", one.z);
    out.member("log10_p", report::log10_of(one.ln_p))
        .member("verdict", words_of(one.level).code)
        .end_object();
  }
  out.end_array().member("tested", static_cast<uint64_t>(found.tested));
  out.member("hypotheses", found.price).member("place", static_cast<uint64_t>(found.place));
  out.member("price", found.price).member("reading", found.reading_words);
  out.member("site", embed::to_string(found.site)).key("pairs");
  found.site == embed::Site::output ? out.value(static_cast<uint64_t>(found.pairs)) : out.null();
  out.member("length", found.length).member("claim", found.claim.word());
  out.key("conditions").begin_array();
  for (const auto condition : found.claim.conditions) out.value(to_string(condition));
  out.end_array().member("finding",
                         statement(headline(found), report::is_yes(found.level), found.claim));
  out.key("reason");
  found.doubt ? out.value(found.doubt->text) : out.null();
  out.member("frame", to_string(found.frame));
  out.member("tags", to_string(found.tags)).member("expected_z", found.expected_z);
  out.member("weights", found.weights).member("base_subtracted", base_subtracted);
  out.member("key", fingerprint).key("model").begin_object().member("path", options.model);
  out.key("digest").null().end_object();
  return out.member("seconds", seconds).end_object().finish();
}

std::string expectation(const verify::Trace& found) {
  if (found.site == embed::Site::output) {
    return cat("best in the output head (", found.pairs, " pairs), expected at least ",
               fixed(found.expected_z, 1), " in an untouched copy");
  }
  return cat("expected at most ", fixed(found.expected_z, 1),
             " in an untouched copy at the default strength (never above ",
             fixed(verify::kTraceZMax, 0), ")");
}

std::string as_text(const verify::Trace& found, double seconds) {
  std::string out = cat(words_of(found.level).name, ": ", headline(found), "\n");
  out += cat("  tested ", found.tested, " ids (price ", fixed(found.price, 0), ") in ",
             duration(seconds), ", ", expectation(found), "\n");
  if (found.doubt) out += cat("  reason: ", found.doubt->text, "\n");
  out += cat("  holds if ", found.claim.text(), "\n");
  if (found.carried) out += cat("  ", carried_text(*found.carried), "\n");
  constexpr size_t shown = 5;
  for (size_t i = 0; i < found.best.size(); ++i) {
    if (i >= shown && !report::is_yes(found.best[i].level)) break;
    const verify::LicenseeZ& one = found.best[i];
    out += cat("  ", escaped(one.id), ": z = ", fixed(one.z, 1), ", ",
               report::p_statement(report::log10_of(one.ln_p)), "\n");
  }
  if (found.doubt) {
    out += "  next: subtract the release (--base RELEASE), or use weightmark detect\n";
  }
  return out;
}

int trace_licensee(const Options& options) {
  auto key = load_key(options.key);
  if (!key) return fail(key.error());
  auto ids = ids_of(options, *key);
  if (!ids) return fail(ids.error());
  if (options.logits.are_given()) {
    LogitsInputs inputs = options.logits;
    inputs.alpha = options.alpha;
    return trace_logits(inputs, *ids, options.base, *key, options.common);
  }
  const Stopwatch stopwatch;
  // An adapter is merged into its base, so the base is part of the model and is not subtracted.
  const bool is_merged = !options.base.empty() && checkpoint::is_adapter(options.model);
  auto suspect = open_suspect(options.model, options.common, is_merged ? options.base : "");
  if (!suspect) return fail(suspect.error());
  std::optional<OpenedModel> base;
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  verify::TraceRequest request;
  const bool subtracts = !options.base.empty() && !is_merged;
  if (subtracts) {
    auto opened = open_declared(options.base, options.common);
    if (!opened) return fail(std::move(opened).error().within("base"));
    base = *std::move(opened);
    request.base = verify::Subject{&base->checkpoint, &base->anatomy, &base->vocabulary};
  }
  auto carry = open_carry_models(options.carry, options.common, nullptr);
  if (!carry) return fail(carry.error());
  request.carried = (*carry)->get();
  request.master = &*key;
  request.licensees = std::move(*ids);
  request.alpha = options.alpha;
  request.sources = {subtracts, is_merged, !options.common.naming.empty()};
  request.threads = options.common.thread_count();
  request.progress = &bar;
  auto found = verify::trace(*suspect, request);
  if (!found) return fail(found.error());
  const double seconds = stopwatch.seconds();
  if (is_merged) warn_about_base(options.model, options.base);
  say(options.common.json ? as_json(*found, options, subtracts, crypto::fingerprint(*key), seconds)
                          : as_text(*found, seconds));
  return exit_code(found->level);
}

}  // namespace

void add_trace_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("trace", "find out which licensee's copy a model is");
  Option model = command.add_option("model", options->model,
                                    "folder, weights file or index; none with --logits");
  add_key_options(command, options->key);
  Option listed =
      command.add_option("--licensees", options->licensees, "file with licensee ids, one per line");
  command.add_option("--register", options->from_register, "register of licensees, instead")
      .excludes(listed);
  command.add_option(
      "--base", options->base,
      "the release without licensee marks, for a stronger result; or the base model, "
      "if MODEL is an adapter (LoRA, DoRA)");
  const std::vector<Option> of_weights = add_carry_options(command, options->carry);
  add_logits_options(command, model, options->logits, of_weights);
  command.add_option("--alpha", options->alpha, "false-positive rate of 'detected' (1e-9)");
  add_common_options(command, options->common);
  command.callback([options, &action] {
    require_model(options->model, options->logits);
    if (options->licensees.empty() && options->from_register.empty()) missing("--licensees");
    action = [options] { return trace_licensee(*options); };
  });
}

}  // namespace wmk::cli
