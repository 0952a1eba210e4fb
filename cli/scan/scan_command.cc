// scan: detect over many suspects, which can be stopped and goes on.
#include "base/text.h"
#include "cli/scan/scan_run.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

constexpr const char* kVerdicts[] = {"conclusive", "detected", "undecided", "not_found", "error"};
constexpr size_t kHitsShown = 50;

uint64_t count_of(const ScanTally& tally, const char* verdict) {
  const auto found = tally.answers.find(verdict);
  return found == tally.answers.end() ? 0 : found->second;
}

std::string_view words_of(std::string_view verdict, uint64_t count) {
  if (verdict == "not_found") return "not found";
  return verdict == "error" && count != 1 ? "errors" : verdict;
}

std::string scan_json(const ScanOptions& options, const ScanPlan& plan, const ScanTally& tally,
                      double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/scan/v1");
  out.member("suspects", static_cast<uint64_t>(plan.suspects.size())).key("keys").begin_array();
  for (const Wanted& each : plan.wanted) out.value(each.fingerprint());
  out.end_array().member("alpha", options.detect.alpha).member("alpha_each", plan.alpha_each);
  out.key("answers").begin_object();
  for (const char* verdict : kVerdicts) out.member(verdict, count_of(tally, verdict));
  out.end_object().key("hits").begin_array();
  for (const ScanHit& hit : tally.hits) {
    out.begin_object().member("suspect", hit.suspect).member("key", hit.key);
    out.member("verdict", hit.verdict).member("z", hit.z).member("log10_p", hit.log10_p);
    out.end_object();
  }
  out.end_array().member("results", options.results).member("seconds", seconds);
  return out.end_object().finish();
}

std::string scan_text(const ScanOptions& options, const ScanPlan& plan, const ScanTally& tally,
                      double seconds) {
  const size_t suspects = plan.suspects.size(), keys = plan.wanted.size();
  std::string out = cat("scanned ", suspects, suspects == 1 ? " suspect" : " suspects", " for ",
                        keys, keys == 1 ? " key" : " keys", ": ");
  for (const char* verdict : kVerdicts) {
    const uint64_t count = count_of(tally, verdict);
    out += cat(verdict == kVerdicts[0] ? "" : ", ", count, " ", words_of(verdict, count));
  }
  out += "\n";
  for (size_t i = 0; i < std::min(tally.hits.size(), kHitsShown); ++i) {
    const ScanHit& hit = tally.hits[i];
    out += cat("  ", hit.verdict, ": ", escaped(hit.suspect), ": ", escaped(hit.key),
               ", z = ", fixed(hit.z, 1), ", ", report::p_statement(hit.log10_p), "\n");
  }
  if (tally.hits.size() > kHitsShown) {
    out += cat("  and ", tally.hits.size() - kHitsShown, " more\n");
  }
  out += cat("  each answer is 'detected' from p = ", options.detect.alpha, " / ", suspects * keys,
             " on: chance says it of any of these suspects at a rate of at most ",
             options.detect.alpha, "\n");
  out += cat("  results in ", escaped(options.results), ", ", duration(seconds), "\n");
  if (count_of(tally, "error") > 0) {
    out += "  next: --retry tries again what ended in an error\n";
  }
  return out;
}

int scan(const ScanOptions& options) {
  const Stopwatch stopwatch;
  auto plan = plan_scan(options);
  if (!plan) return fail(plan.error());
  auto results = ScanResults::open(options.results, plan->header(options), options.force);
  if (!results) return fail(results.error());
  const size_t before = results->done().size();
  if (before > 0 && !options.detect.common.quiet) {
    note(cat("going on: ", before, " of ", plan->suspects.size(), " suspects were scanned before"));
  }
  if (Status status = run_scan(options, *plan, *results); !status) return fail(status.error());
  const auto tally = results->tally();
  if (!tally) return fail(tally.error());
  say(options.detect.common.json ? scan_json(options, *plan, *tally, stopwatch.seconds())
                                 : scan_text(options, *plan, *tally, stopwatch.seconds()));
  return kYes;
}

}  // namespace

void add_scan_command(Command app, Action& action) {
  auto options = std::make_shared<ScanOptions>();
  Command command =
      app.add_subcommand("scan", "check many models for the marks of one or more keys");
  command.example("weightmark scan suspects.txt --key owner.key -o results.jsonl");
  add_scan_options(command, *options);
  command.callback([options, &action] { action = [options] { return scan(*options); }; });
}

}  // namespace wmk::cli
