#include "cli/scan/scan_run.h"

#include "base/parallel.h"
#include "base/text.h"

namespace wmk::cli {

namespace {

std::string error_json(const std::string& key, const Error& error) {
  json::Writer out;
  out.begin_object().member("key", key).key("error").begin_object();
  out.member("message", error.message()).key("hint");
  error.hint().empty() ? out.null() : out.value(error.hint());
  return out.end_object().end_object().finish();
}

// What `detect --json` prints, but for what was read over the network: that is told of the process.
Result<std::string> answer_of(const DetectOptions& options, const Wanted& wanted,
                              Result<checkpoint::ReadingList>& suspect) {
  const Stopwatch stopwatch;
  if (!suspect) return suspect.error();
  ProgressBar none(false);
  auto answered = detect_and_digest(options, wanted, *suspect, none);
  if (!answered) return std::move(answered).error();
  DetectView view = view_of(options, wanted, *answered);
  view.states_network = false;
  view.seconds = stopwatch.seconds();
  return detect_json(view);
}

// Of a suspect, for each key.
std::vector<std::string> answers_of(const DetectOptions& options, const std::vector<Wanted>& all) {
  auto suspect = open_suspect(options.model, options.common);
  std::vector<std::string> out;
  for (const Wanted& wanted : all) {
    auto answer = answer_of(options, wanted, suspect);
    std::string json = answer ? *std::move(answer)
                              : error_json(wanted.fingerprint(), in_scan_words(answer.error()));
    json.pop_back();  // its newline
    out.push_back(std::move(json));
  }
  return out;
}

}  // namespace

Status run_scan(const ScanOptions& options, const ScanPlan& plan, ScanResults& results) {
  const std::vector<Suspect>& suspects = plan.asked.suspects;
  std::vector<size_t> open;
  for (size_t i = 0; i < suspects.size(); ++i) {
    if (!results.is_done(i) || (options.retry && results.has_error(i))) open.push_back(i);
  }
  ProgressBar bar(shows_progress(options.detect.common.progress, options.detect.common.quiet));
  bar.begin("suspects", suspects.size(), Progress::Unit::steps);
  bar.advance(suspects.size() - open.size());
  Status status = parallel_for(open.size(), options.jobs, [&](size_t i, unsigned) -> Status {
    DetectOptions of_this = options.detect;
    of_this.model = suspects[open[i]].named;
    of_this.alpha = plan.alpha_each;
    of_this.common.quiet = true;
    of_this.common.json = true;
    Status written =
        results.append(scan_line(plan.asked, open[i], answers_of(of_this, plan.wanted)));
    bar.advance(1);
    return written;
  });
  bar.end();
  return status;
}

}  // namespace wmk::cli
