#include <numbers>

#include "base/json.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "cli/verdict_text.h"
#include "verify/detect.h"

namespace wmk::cli {

namespace {

using report::Level;

struct Options {
  CommonOptions common;
  KeyOptions key;
  std::string model, base, record;
  std::optional<unsigned> shares, share;
  bool full = false;
  bool by_layer = false;
  double alpha = verify::kDefaultAlpha;
};

struct Summary {
  const Options& options;
  const verify::Detection& found;
  std::string fingerprint;
  double seconds;
};

void write_groups(const verify::Detection& found, json::Writer& out) {
  out.key("layers").begin_array();
  for (const verify::GroupZ& group : found.groups) {
    out.begin_object().member("layer", group.layer).key("expert");
    group.expert ? out.value(*group.expert) : out.null();
    out.member("shared", group.shared).member("weights", group.weights).member("z", group.z);
    out.end_object();
  }
  out.end_array();
}

std::string as_json(const Summary& s) {
  const verify::Detection& found = s.found;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/detect/v1");
  out.member("verdict", word(found.level)).member("z", found.z);
  out.member("log10_p", log10_of(found.ln_p)).member("hypotheses", found.hypotheses);
  out.member("frame", word(found.frame)).member("tags", word(found.tags));
  out.member("expected_z", found.expected_z).member("expected_z_full", found.expected_z_full);
  out.member("weights_read", found.weights_read).member("weights_total", found.weights_total);
  out.member("bytes_read", found.bytes_read);
  out.key("shares").begin_array();
  for (const verify::ShareZ& share : found.shares) {
    out.begin_object().member("share", static_cast<uint64_t>(share.share)).member("z", share.z);
    out.end_object();
  }
  out.end_array();
  if (s.options.by_layer) write_groups(found, out);
  out.member("skipped_units", found.absent_units)
      .member("not_finite_units", found.not_finite_units);
  out.member("key", s.fingerprint);
  out.key("model").begin_object().member("path", s.options.model).key("digest").null().end_object();
  return out.member("seconds", s.seconds).end_object().finish();
}

std::string headline(const Summary& s) {
  switch (s.found.level) {
    case Level::conclusive:
      return cat("conclusive: this checkpoint carries the mark of ", s.fingerprint, "\n");
    case Level::detected:
      return cat("detected: this checkpoint carries the mark of ", s.fingerprint, "\n");
    case Level::not_found:
      return cat("not found: this checkpoint does not carry the mark of ", s.fingerprint, "\n");
    default:
      return cat("undecided: no mark of ", s.fingerprint, " is visible, but one could hide\n");
  }
}

std::string as_text(const Summary& s) {
  const verify::Detection& found = s.found;
  std::string out = headline(s);
  out += cat("  z = ", fixed(found.z, 1), ", ", p_text(found.ln_p), " (",
             fixed(found.hypotheses, 0), " hypotheses), ");
  if (report::is_yes(found.level)) {
    out += cat("expected ", fixed(found.expected_z, 1), " in an untouched copy\n");
  } else {
    out += cat("a half-erased mark would have shown ", fixed(found.expected_z_full / 2, 1), "\n");
  }
  if (found.shares.size() > 1) {
    out += "  by share:";
    for (const verify::ShareZ& share : found.shares) {
      out += cat(" ", share.share, ": ", fixed(share.z, 1));
    }
    out += "\n";
  }
  out +=
      cat("  read ", si(static_cast<double>(found.weights_read)), " of ",
          si(static_cast<double>(found.weights_total)), " marked weights in ", duration(s.seconds),
          "; frame from ", frame_text(found.frame), ", ", word(found.tags), " tags\n");
  for (const verify::GroupZ& group : found.groups) {
    const std::string expert = group.expert   ? cat(" expert ", *group.expert)
                               : group.shared ? std::string(" shared")
                                              : std::string();
    out += cat("  layer ", group.layer, expert, ": z = ", fixed(group.z, 1), "\n");
  }
  if (found.level == Level::undecided) {
    out += "  next: try with the mark's record (--record), or compare with the release itself\n";
  }
  return out;
}

int detect_mark(const Options& options) {
  auto key = load_key(options.key);
  if (!key) return fail(key.error());
  std::optional<embed::MarkRecord> record;
  if (!options.record.empty()) {
    auto read = load_record(options.record, *key);
    if (!read) return fail(read.error());
    record = std::move(*read);
  }
  const Stopwatch stopwatch;
  auto model = open_model(options.model, options.common, options.base);
  if (!model) return fail(model.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  verify::DetectRequest request;
  request.master = &*key;
  request.record = record ? &*record : nullptr;
  request.shares = options.shares;
  request.share = options.share;
  request.full = options.full;
  request.by_layer = options.by_layer;
  request.alpha = options.alpha;
  request.threads = options.common.thread_count();
  request.progress = &bar;
  auto found = verify::detect(model->checkpoint, model->anatomy, model->vocabulary, request);
  if (!found) return fail(found.error());
  const double seconds = stopwatch.seconds();
  if (found->not_finite_units > 0) {
    warn(cat(found->not_finite_units, " units hold NaN or infinite weights and were skipped"));
  }
  const Summary summary{options, *found, crypto::fingerprint(*key), seconds};
  say(options.common.json ? as_json(summary) : as_text(summary));
  return exit_code(found->level);
}

}  // namespace

void add_detect_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("detect", "is the ownership mark of this key there?");
  command.add_option("model", options->model, "folder, weights file or index").required();
  command.add_option("--base", options->base,
                     "MODEL is an adapter (LoRA, DoRA): the model that it changes");
  add_key_options(command, options->key);
  command.add_option("--record", options->record,
                     "the mark's record: adds its frame, tells the number of shares");
  Word shares =
      command.add_option("--shares", options->shares, "how many shares the mark has, if known");
  command.add_option("--share", options->share, "read this share only (0 to 3)").excludes(shares);
  command.add_flag("--full", options->full, "read all weights, even where a part would do");
  command.add_flag("--by-layer", options->by_layer, "z of each layer and expert as well");
  command.add_option("--alpha", options->alpha, "false-positive rate of 'detected' (1e-9)");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return detect_mark(*options); }; });
}

}  // namespace wmk::cli
