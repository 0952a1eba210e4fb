// arbitrate: decides a claim offline, from both parties' papers and the arbitrator's own trust.
#include "base/file.h"
#include "cli/arbitrate/case_answer.h"
#include "cli/file_digests.h"

namespace wmk::cli {

namespace {

// SHA-256 of the program that runs, for the report.
Result<std::string> own_digest() {
  auto digests = library::digests_of_files({kOwnProgram}, 1);
  if (!digests) return std::move(digests).error();
  return digests->front().sha256;
}

int arbitrate(const ArbitrateOptions& options) {
  const Stopwatch stopwatch;
  std::string program;
  if (!options.report.empty()) {
    if (auto status = try_output(options.report, options.force); !status) {
      return fail(status.error());
    }
    auto digest = own_digest();
    if (!digest) return fail(digest.error());
    program = *std::move(digest);
  }
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  library::CaseRequest request = options;
  request.by_layer = !options.report.empty();
  request.threads = options.common.thread_count();
  request.progress = &bar;
  const auto all = library::examine(request);
  if (!all) return fail(all.error());
  if (!options.common.quiet) {
    for (const std::string& each : (*all)->notes) note(each);
  }
  const claims::Decision decision = claims::decide(*(*all)->facts);
  const CaseAnswer answer{**all, decision, options, program, stopwatch.seconds()};
  if (!options.report.empty()) {
    auto status = write_whole(options.report, as_bytes(case_page(answer)), 0644, options.force);
    if (!status) return fail(status.error());
  }
  say(options.common.json ? case_json(answer) : case_text(answer));
  return exit_code(decision.ruling);
}

void add_suspect_options(Command command, ArbitrateOptions& options) {
  command.add_option("--suspect", options.suspect, "the model in dispute");
  command.add_option("--logits", options.logits,
                     "logits of the service in dispute, in place of --suspect (repeatable)");
  command.add_option("--tokenizer", options.tokenizer, "folder of the tokenizer of the logits");
  command.add_option("--acquisition", options.acquisition,
                     "where the suspect came from, and who vouches for it (JSON)");
  command.add_option("--control", options.controls,
                     "a public ancestor of the suspect, which must not show the mark (repeatable)");
}

}  // namespace

void add_arbitrate_command(Command app, Action& action) {
  auto options = std::make_shared<ArbitrateOptions>();
  Command command =
      app.add_subcommand("arbitrate", "decide whether a claim on a model stands, offline");
  command.example(
      "weightmark arbitrate --claim claim --trust trust --suspect suspect --acquisition "
      "suspect.json --log log --report case.html");
  command.add_option("--claim", options->claim, "the claimant's folder (claim pack)").required();
  command.add_option("--trust", options->trust, "your own folder of keys, authorities and policy")
      .required();
  add_suspect_options(command, *options);
  command.add_option("--log", options->logs,
                     "your copy of a log of the policy, to count commitments (repeatable)");
  command.add_option("--release", options->release,
                     "the claimant's marked release, as its statement has it");
  command.add_option("--counterclaim", options->counterclaim, "the claim folder of the opponent");
  command.add_option("--counter-release", options->counter_release, "the opponent's release");
  command.add_option("--ignore-paths", options->ignore_paths,
                     "file or folder to leave out of the roots of models; may be repeated");
  command.add_option("--report", options->report, "also write a report (HTML, one file)");
  command.add_flag("--force", options->force, "replace an existing report");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return arbitrate(*options); }; });
}

}  // namespace wmk::cli
