// scan: detect over many suspects, which can be stopped and goes on.
#include "base/text.h"
#include "cli/scan/scan_run.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

constexpr size_t kHitsShown = 50;

std::string_view words_of(std::string_view verdict, uint64_t count) {
  if (verdict == "not_found") return "not found";
  return verdict == "error" && count != 1 ? "errors" : verdict;
}

// Where addresses differ in what is not shown, the number tells them apart.
std::string words_of(const ScanAsked& asked, size_t suspect) {
  const Suspect& named = asked.suspects[suspect];
  return cat(escaped(named.shown), named.has_secrets() ? cat(" (number ", suspect + 1, ")") : "");
}

std::string scan_json(const ScanOptions& options, const ScanPlan& plan, const ScanTally& tally,
                      double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/scan/v1");
  out.member("suspects", static_cast<uint64_t>(plan.asked.suspects.size()))
      .key("keys")
      .begin_array();
  for (const std::string& key : plan.asked.keys) out.value(key);
  out.end_array().member("alpha", options.detect.alpha).member("alpha_each", plan.alpha_each);
  out.key("answers").begin_object();
  for (size_t i = 0; i < kScanVerdicts.size(); ++i) out.member(kScanVerdicts[i], tally.answers[i]);
  out.end_object().key("hits").begin_array();
  for (const ScanHit& hit : tally.hits) {
    out.begin_object().member("suspect", plan.asked.suspects[hit.suspect].shown);
    out.member("number", static_cast<uint64_t>(hit.suspect + 1)).member("key", hit.key);
    out.member("verdict", hit.verdict).member("z", hit.z).member("log10_p", hit.log10_p);
    out.end_object();
  }
  out.end_array().member("results", options.results).member("seconds", seconds);
  return out.end_object().finish();
}

std::string scan_text(const ScanOptions& options, const ScanPlan& plan, const ScanTally& tally,
                      double seconds) {
  const size_t suspects = plan.asked.suspects.size(), keys = plan.asked.keys.size();
  std::string out = cat("scanned ", suspects, suspects == 1 ? " suspect" : " suspects", " for ",
                        keys, keys == 1 ? " key" : " keys", ": ");
  for (size_t i = 0; i < kScanVerdicts.size(); ++i) {
    const uint64_t count = tally.answers[i];
    out += cat(i == 0 ? "" : ", ", count, " ", words_of(kScanVerdicts[i], count));
  }
  out += "\n";
  for (size_t i = 0; i < std::min(tally.hits.size(), kHitsShown); ++i) {
    const ScanHit& hit = tally.hits[i];
    out += cat("  ", hit.verdict, ": ", words_of(plan.asked, hit.suspect), ": ", hit.key,
               ", z = ", fixed(hit.z, 1), ", ", report::p_statement(hit.log10_p), "\n");
  }
  if (tally.hits.size() > kHitsShown) {
    out += cat("  and ", tally.hits.size() - kHitsShown, " more\n");
  }
  out += cat("  each answer is 'detected' from p = ", options.detect.alpha, " / ", suspects * keys,
             " on: chance says it of any of these suspects at a rate of at most ",
             options.detect.alpha, "\n");
  out += cat("  results in ", escaped(options.results), ", ", duration(seconds), "\n");
  if (tally.errors() > 0) {
    out += "  next: --retry tries again what ended in an error\n";
  }
  return out;
}

int scan(const ScanOptions& options) {
  const Stopwatch stopwatch;
  auto plan = plan_scan(options);
  if (!plan) return fail(plan.error());
  auto results = ScanResults::open(options.results, plan->asked, options.force);
  if (!results) return fail(results.error());
  const size_t before = results->count_done();
  if (before > 0 && !options.detect.common.quiet) {
    note(cat("going on: ", before, " of ", plan->asked.suspects.size(),
             " suspects were scanned before"));
  }
  if (Status status = run_scan(options, *plan, *results); !status) return fail(status.error());
  const ScanTally tally = results->tally();
  say(options.detect.common.json ? scan_json(options, *plan, tally, stopwatch.seconds())
                                 : scan_text(options, *plan, tally, stopwatch.seconds()));
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
