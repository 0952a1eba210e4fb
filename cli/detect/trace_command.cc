#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "checkpoint/adapter/adapter.h"
#include "cli/inputs.h"
#include "cli/verdict_text.h"
#include "verify/trace.h"

namespace wmk::cli {

namespace {

using report::Level;

constexpr uint64_t kLicenseesBytesMax = 1ull << 30;

struct Options {
  CommonOptions common;
  KeyOptions key;
  std::string model, licensees, base;
  double alpha = verify::kDefaultAlpha;
};

// One id a line; empty lines are passed over, an id named twice counts once.
Result<std::vector<std::string>> read_licensees(const std::string& path) {
  auto text = read_text(path, kLicenseesBytesMax);
  if (!text) return std::move(text).error();
  std::vector<std::string> ids;
  std::set<std::string_view> seen;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view id = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
    if (id.empty() || !seen.insert(id).second) continue;
    if (!is_utf8(id)) {
      return Error(ErrorCode::malformed, cat(escaped(path), ": an id is not UTF-8"));
    }
    ids.emplace_back(id);
  }
  if (ids.empty()) return Error(ErrorCode::malformed, cat(escaped(path), ": names no licensee"));
  return ids;
}

std::string as_json(const verify::Trace& found, const Options& options, bool base_subtracted,
                    const std::string& fingerprint, double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/trace/v1").member("verdict", word(found.level));
  out.key("licensees").begin_array();
  for (const verify::LicenseeZ& one : found.best) {
    out.begin_object().member("id", one.id).member("z", one.z);
    out.member("log10_p", log10_of(one.ln_p)).member("verdict", word(one.level)).end_object();
  }
  out.end_array().member("tested", static_cast<uint64_t>(found.tested));
  out.member("hypotheses", found.hypotheses).member("frame", word(found.frame));
  out.member("tags", word(found.tags)).member("expected_z", found.expected_z);
  out.member("weights", found.weights).member("base_subtracted", base_subtracted);
  out.member("key", fingerprint).key("model").begin_object().member("path", options.model);
  out.key("digest").null().end_object();
  return out.member("seconds", seconds).end_object().finish();
}

std::string as_text(const verify::Trace& found, double seconds) {
  const verify::LicenseeZ& first = found.best.front();
  const std::string who = cat("'", escaped(first.id), "'");
  std::string out;
  if (report::is_yes(found.level)) {
    out = cat(word(found.level), ": this is the copy of licensee ", who, "\n");
  } else if (found.level == Level::not_found) {
    out = cat("not found: the copy of none of the ", found.tested, " licensees\n");
  } else {
    out = cat("undecided: no licensee's mark is visible, but one could hide\n");
  }
  out += cat("  tested ", found.tested, " ids (", fixed(found.hypotheses, 0), " hypotheses) in ",
             duration(seconds), ", expected ", fixed(found.expected_z, 1),
             " in a fresh copy at the default strength\n");
  constexpr size_t shown = 5;
  for (size_t i = 0; i < std::min(shown, found.best.size()); ++i) {
    const verify::LicenseeZ& one = found.best[i];
    out += cat("  ", escaped(one.id), ": z = ", fixed(one.z, 1), ", ", p_text(one.ln_p), "\n");
  }
  return out;
}

int trace_licensee(const Options& options) {
  auto key = load_key(options.key);
  if (!key) return fail(key.error());
  auto ids = read_licensees(options.licensees);
  if (!ids) return fail(ids.error());
  const Stopwatch stopwatch;
  // An adapter is merged into the base, whose mark is then that of the model: nothing to subtract.
  const bool is_merged = !options.base.empty() && checkpoint::is_adapter(options.model);
  auto model = open_model(options.model, options.common, is_merged ? options.base : "");
  if (!model) return fail(model.error());
  std::optional<OpenedModel> base;
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  verify::TraceRequest request;
  const bool subtracts = !options.base.empty() && !is_merged;
  if (subtracts) {
    auto opened = open_model(options.base, options.common);
    if (!opened) return fail(std::move(opened).error().within("base"));
    base = std::move(*opened);
    request.base = verify::Subject{&base->checkpoint, &base->anatomy, &base->vocabulary};
  }
  request.master = &*key;
  request.licensees = std::move(*ids);
  request.alpha = options.alpha;
  request.threads = options.common.thread_count();
  request.progress = &bar;
  auto found = verify::trace({&model->checkpoint, &model->anatomy, &model->vocabulary}, request);
  if (!found) return fail(found.error());
  const double seconds = stopwatch.seconds();
  say(options.common.json ? as_json(*found, options, subtracts, crypto::fingerprint(*key), seconds)
                          : as_text(*found, seconds));
  return exit_code(found->level);
}

}  // namespace

void add_trace_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("trace", "which licensee's copy is this?");
  command.add_option("model", options->model, "folder, weights file or index").required();
  add_key_options(command, options->key);
  command.add_option("--licensees", options->licensees, "file of ids, one a line").required();
  command.add_option("--base", options->base,
                     "the release without licensee marks: its sketch is subtracted; of an adapter "
                     "(LoRA, DoRA), the model that it changes");
  command.add_option("--alpha", options->alpha, "false-positive rate of 'detected' (1e-9)");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return trace_licensee(*options); }; });
}

}  // namespace wmk::cli
