// detect: does a checkpoint carry the ownership mark of this key?
#include "base/parallel.h"
#include "base/text.h"
#include "cli/detect/adapter_base.h"
#include "cli/detect/answer_model.h"
#include "cli/detect/detect_options.h"
#include "cli/site_option.h"
#include "cli/verdict_text.h"

namespace wmk::cli {

namespace {

using Options = DetectOptions;

Result<std::vector<OpenedModel>> open_controls(const Options& options) {
  CommonOptions silent = options.common;
  silent.quiet = true;
  std::vector<OpenedModel> out;
  for (const std::string& path : options.controls) {
    auto control = open_declared(path, silent);
    if (!control) return std::move(control).error().within("control");
    out.push_back(*std::move(control));
  }
  return out;
}

verify::ReadingScope scope_of(const std::string& word) {
  if (word == "declared") return verify::ReadingScope::declared;
  return word == "all" ? verify::ReadingScope::all : verify::ReadingScope::usual;
}

// What the suspect is searched for: the mark of a master key, or one disclosed share.
struct Wanted {
  std::optional<crypto::SecretBytes> key;
  std::optional<claims::CheckedDisclosure> disclosure;
  std::optional<embed::DisclosedShare> share;
  std::optional<embed::MarkRecord> record;

  std::string fingerprint() const {
    return key ? crypto::fingerprint(*key) : disclosure->commitment.commitment->key;
  }
};

Result<verify::Detection> run_detection(const Options& options, const Wanted& wanted,
                                        checkpoint::ReadingList& suspect, ProgressBar& bar) {
  auto controls = open_controls(options);
  if (!controls) return std::move(controls).error();
  const embed::MarkRecord* record = wanted.record ? &*wanted.record : nullptr;
  auto carry = open_carry_models(options.carry, options.common, record);
  if (!carry) return std::move(carry).error();
  verify::DetectRequest request;
  request.master = wanted.key ? &*wanted.key : nullptr;
  request.disclosed = wanted.share ? &*wanted.share : nullptr;
  request.record = record;
  request.shares = options.shares;
  request.share = options.share;
  if (wanted.share) request.share = wanted.share->share;
  request.full = options.full;
  request.carried = (*carry)->get();
  request.release_labels = (*carry)->release_labels();
  request.by_layer = options.by_layer;
  request.readings = scope_of(options.readings);
  if (!options.sites.empty()) {
    auto sites = sites_of(options.sites);
    if (!sites) return std::move(sites).error();
    request.sites = *sites;
    request.output_if_open = false;
  }
  for (const OpenedModel& each : *controls) {
    request.controls.push_back({&each.checkpoint, &each.anatomy, &each.vocabulary});
  }
  request.sources = {false, !options.base.empty(), !options.common.naming.empty()};
  request.alpha = options.alpha;
  request.threads = options.common.thread_count();
  request.progress = &bar;
  return verify::detect(suspect, request);
}

// What a detection gives, with the digests of what it depends on.
struct Answered {
  verify::Detection found;
  AnswerModel model;
  InputDigests digests;
  std::vector<std::string> declared_notes;  // where the answer is another reading's
};

// Digests of the declared model are computed beside the detection, if there are two threads.
Result<Answered> detect_and_digest(const Options& options, const Wanted& wanted,
                                   checkpoint::ReadingList& suspect, ProgressBar& bar) {
  const bool states_program = options.common.json || !options.report.empty();
  const InputPaths paths{options.model, options.base, options.record, options.common.naming,
                         states_program ? kOwnProgram : ""};
  const auto declared = answer_model(suspect, 0);
  std::optional<Result<InputDigests>> digests;
  std::optional<verify::Detection> found;
  const unsigned workers = options.common.thread_count() > 1 ? 2 : 1;
  auto status = parallel_for(2, workers, [&](size_t index, unsigned) -> Status {
    if (index == 1) {
      if (declared) digests = input_digests(declared->view(), paths);
      return {};
    }
    auto result = run_detection(options, wanted, suspect, bar);
    if (!result) return std::move(result).error();
    found = *std::move(result);
    return {};
  });
  if (!status) return std::move(status).error();
  auto model = answer_model(suspect, found->reading);
  if (!model) return std::move(model).error();
  // Another reading may have other files, labels and embedding.
  if (!digests || found->reading > 0) digests = input_digests(model->view(), paths);
  if (!*digests) return std::move(*digests).error();
  std::vector<std::string> notes;
  if (declared && found->reading > 0) notes = declared->notes();
  return Answered{*std::move(found), *std::move(model), **std::move(digests), std::move(notes)};
}

Status write_report(const Options& options, DetectView& view, ProgressBar& bar) {
  auto files = file_digests(view.model, options.common.thread_count(), &bar);
  if (!files) return std::move(files).error();
  view.files = *std::move(files);
  return write_whole(options.report, as_bytes(detect_page(view)), 0644, options.force);
}

void warn_about(const Options& options, const verify::Detection& found) {
  if (!options.base.empty()) warn_about_base(options.model, options.base);
  if (found.not_finite_units > 0) {
    warn(cat(found.not_finite_units,
             " units were skipped because they contain NaN or infinite weights"));
  }
}

int detect_wanted(const Options& options, const Wanted& wanted) {
  const Stopwatch stopwatch;
  auto suspect = open_suspect(options.model, options.common, options.base);
  if (!suspect) return fail(suspect.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  auto answered = detect_and_digest(options, wanted, *suspect, bar);
  if (!answered) return fail(answered.error());
  const verify::Detection& found = answered->found;
  warn_about(options, found);
  DetectView view = view_of(options, found, answered->model.view());
  view.fingerprint = wanted.fingerprint();
  view.disclosure = wanted.disclosure ? &*wanted.disclosure : nullptr;
  view.digests = std::move(answered->digests);
  view.declared_notes = std::move(answered->declared_notes);
  view.seconds = stopwatch.seconds();
  if (!options.report.empty()) {
    if (auto status = write_report(options, view, bar); !status) return fail(status.error());
  }
  say(options.common.json ? detect_json(view) : detect_text(view));
  return exit_code(found.level);
}

int detect_disclosed(const Options& options) {
  auto opened = open_disclosure(options.disclosure);
  if (!opened) return fail(opened.error());
  if (!opened->good()) {
    say(options.common.json ? refusal_json(options.disclosure, *opened)
                            : refusal_text(options.disclosure, *opened));
    return kNo;
  }
  const claims::Commitment& commitment = *opened->commitment.commitment;
  if (!opened->commitment.is_signature_checked) {
    warn("the signatures of disclosure and commitment were not checked (--public-key)");
  }
  if (commitment.rules != claims::verdict_rules() && !options.common.quiet) {
    note("the commitment was made under other verdict rules than this program's");
  }
  Options as_committed = options;
  as_committed.alpha = commitment.alpha;
  Wanted wanted;
  wanted.share = share_of(*opened);
  wanted.disclosure = *std::move(opened);
  return detect_wanted(as_committed, wanted);
}

int detect_mark(const Options& options) {
  if (!options.report.empty()) {
    if (auto s = try_output(options.report, options.force); !s) return fail(s.error());
  }
  if (options.disclosure.given()) return detect_disclosed(options);
  auto key = load_key(options.key);
  if (!key) return fail(key.error());
  if (options.logits.are_given()) {
    LogitsInputs inputs = options.logits;
    inputs.record = options.record;
    inputs.shares = options.shares;
    inputs.alpha = options.alpha;
    inputs.report = options.report;
    inputs.force = options.force;
    return detect_logits(inputs, *key, options.common);
  }
  Wanted wanted;
  if (!options.record.empty()) {
    auto read = load_record(options.record, *key, options.model);
    if (!read) return fail(read.error());
    wanted.record = std::move(*read);
  }
  wanted.key = *std::move(key);
  return detect_wanted(options, wanted);
}

}  // namespace

void add_detect_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("detect", "check whether a model carries the mark of a key");
  add_detect_options(command, *options);
  command.callback([options, &action] {
    require_model(options->model, options->logits);
    require_key(*options);
    action = [options] { return detect_mark(*options); };
  });
}

}  // namespace wmk::cli
