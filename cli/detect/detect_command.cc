// detect: does a checkpoint carry the ownership mark of this key?
#include "base/text.h"
#include "claims/arbitrate/read_share.h"
#include "cli/adapter_base.h"
#include "cli/detect/detect_part.h"
#include "cli/verdict_text.h"
#include "mpi/processes.h"

namespace wmk::cli {

namespace {

using Options = DetectOptions;

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

int detect_wanted(const Options& options, Wanted wanted) {
  const Stopwatch stopwatch;
  auto suspect = open_suspect(options.model, options.common, options.base);
  if (!suspect) return fail(suspect.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  wanted.is_shared = !mpi::place().is_alone();
  if (!mpi::place().is_first()) {
    size_t scans_missed = 0;
    const auto found = run_detection(options, wanted, *suspect, bar, scans_missed);
    return found ? kYes : fail(found.error());  // the first process answers
  }
  auto answered = detect_and_digest(options, wanted, *suspect, bar);
  if (!answered) return fail(answered.error());
  const verify::Detection& found = answered->found;
  warn_about(options, found);
  if (answered->scans_missed > 0 && !options.common.quiet) {
    note(cat(answered->scans_missed, " scans were in no part, and were read here"));
  }
  DetectView view = view_of(options, wanted, *answered);
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
  wanted.share = claims::disclosed_share(commitment, *opened->disclosure);
  wanted.disclosure = *std::move(opened);
  return detect_wanted(as_committed, std::move(wanted));
}

int detect_mark(const Options& options) {
  const mpi::Place here = mpi::place();
  if (!options.part.empty() && !here.is_alone()) {
    return fail(Error(ErrorCode::invalid_argument, "--part is for processes without MPI")
                    .with_hint("leave out --part, or mpirun"));
  }
  const bool is_for_one = options.logits.are_given() || !options.merge.empty();
  if (is_for_one && !here.is_first()) return kYes;
  if (!options.report.empty() && here.is_first()) {
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
  if (!options.part.empty()) return detect_part(options, wanted);
  return detect_wanted(options, std::move(wanted));
}

}  // namespace

void add_detect_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("detect", "check whether a model carries the mark of a key");
  command.example(
      "weightmark detect suspect --key owner.key --record marked.mark --report answer.html");
  add_detect_options(command, *options);
  command.callback([options, &action] {
    require_key(*options);
    require_model(options->model, options->logits);
    action = [options] { return detect_mark(*options); };
  });
}

}  // namespace wmk::cli
