// compare: lineage of two checkpoints without any mark.
#include <map>
#include <numbers>

#include "base/json.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "cli/verdict_text.h"
#include "lineage/battery.h"

namespace wmk::cli {

namespace {

using lineage::Outcome;
using lineage::TestResult;
using lineage::Verdict;

struct Options {
  CommonOptions common;
  std::string suspect, reference;
  uint64_t seed = 1;
  bool by_expert = false;
};

struct Summary {
  const Options& options;
  const lineage::Comparison& found;
  double seconds;
};

ExitCode exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::derived:
    case Verdict::partly_derived:
      return kYes;
    case Verdict::no_shared_weights:
      return kNo;
    default:
      return kUndecided;
  }
}

void write_tests(const lineage::Comparison& found, json::Writer& out) {
  out.key("tests").begin_array();
  for (const TestResult& test : found.tests) {
    out.begin_object().member("name", test.name).member("statistic", test.statistic);
    out.member("value", test.value).key("log10_p");
    test.log10_p ? out.value(*test.log10_p) : out.null();
    out.member("verdict", word(test.outcome)).member("note", test.note);
    out.member("family", word(test.family)).member("kind", word(test.kind));
    out.member("null", test.null).member("gauge", test.gauge).member("effect", test.effect);
    out.member("hypotheses", test.tried).end_object();
  }
  out.end_array();
}

void write_families(const lineage::Comparison& found, json::Writer& out) {
  out.key("families").begin_array();
  for (const lineage::FamilyFinding& family : found.judgement.families) {
    out.begin_object().member("name", word(family.family));
    out.member("comparable", family.comparable).member("hit", family.hit);
    out.member("null", family.null).member("log10_p", family.log10_p);
    out.member("reason", family.reason).end_object();
  }
  out.end_array();
}

void write_experts(const lineage::Comparison& found, json::Writer& out) {
  out.key("experts").begin_array();
  for (const lineage::ExpertShare& share : found.shares) {
    out.begin_object().member("layer", share.layer).key("expert");
    share.expert ? out.value(*share.expert) : out.null();
    out.member("shared", share.shared).member("sampled", share.sampled);
    out.member("share", share.share).end_object();
  }
  out.end_array();
}

std::string as_json(const Summary& s) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/compare/v1");
  out.member("verdict", word(s.found.judgement.verdict));
  out.member("reason", s.found.judgement.reason);
  out.member("gauge", word(s.found.gauge)).key("gauges_tried").begin_array();
  for (const lineage::GaugeKind gauge : s.found.gauges_tried) out.value(word(gauge));
  out.end_array();
  write_tests(s.found, out);
  write_families(s.found, out);
  if (s.options.by_expert) write_experts(s.found, out);
  out.member("suspect", s.options.suspect).member("reference", s.options.reference);
  out.member("seed", s.options.seed);
  return out.member("seconds", s.seconds).end_object().finish();
}

// By verdict.
constexpr const char* kHeadlines[] = {
    "derived: the two share weights in independent places\n",
    "partly derived: some tensors share weights, others are new\n",
    "shared initialisation possible: they may only have started from the same numbers\n",
    "no shared weights: nothing agrees beyond chance\n",
    "not enough evidence: neither shared weights nor their absence can be shown\n"};

std::string padded(std::string_view text, size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size()), ' ');
  return out;
}

std::string test_lines(const TestResult& test) {
  std::string out = cat("  ", padded(word(test.outcome), 14), "  ", test.name);
  if (test.outcome == Outcome::not_run) return cat(out, ": ", test.note, "\n");
  out += cat(": ", fixed(test.value, 2));
  if (test.log10_p) {
    out += cat(", ", p_text(*test.log10_p * std::numbers::ln10), " (", word(test.kind), ")");
  }
  return cat(out, "\n                  ", test.note, "\n");
}

// Mean share of each expert over the layers that were looked at.
std::string expert_lines(const lineage::Comparison& found) {
  std::map<std::string, std::pair<double, double>> by_expert;
  std::vector<std::string> order;
  for (const lineage::ExpertShare& share : found.shares) {
    const std::string name = share.expert   ? cat("expert ", *share.expert)
                             : share.shared ? std::string("shared expert")
                                            : std::string("dense FFN");
    if (!by_expert.count(name)) order.push_back(name);
    auto& [sum, weight] = by_expert[name];
    sum += share.share * static_cast<double>(share.sampled);
    weight += static_cast<double>(share.sampled);
  }
  std::string out = "  neurons that come from the reference, of those sampled:\n";
  for (const std::string& name : order) {
    const auto& [sum, weight] = by_expert[name];
    out += cat("    ", padded(name, 14), " ", fixed(100 * sum / weight, 1), " % of ",
               fixed(weight, 0), "\n");
  }
  return out;
}

std::string as_text(const Summary& s) {
  const lineage::Comparison& found = s.found;
  std::string out = cat(kHeadlines[static_cast<size_t>(found.judgement.verdict)], "  ",
                        found.judgement.reason, "\n");
  for (const TestResult& test : found.tests) {
    if (test.outcome != Outcome::soft) out += test_lines(test);
  }
  out += "  shown, and never counted:\n";
  for (const TestResult& test : found.tests) {
    if (test.outcome == Outcome::soft) out += test_lines(test);
  }
  if (s.options.by_expert) out += expert_lines(found);
  out += cat("  coordinates: ", word(found.gauge), " (", found.gauges_tried.size(),
             " tried); seed ", s.options.seed, "; ", duration(s.seconds), "\n");
  if (exit_code(found.judgement.verdict) == kYes) {
    out += "  agreement shows a common ancestor; it does not tell who copied whom\n";
  }
  return out;
}

int compare_models(const Options& options) {
  const Stopwatch stopwatch;
  auto suspect = open_model(options.suspect, options.common);
  if (!suspect) return fail(suspect.error());
  auto reference = open_model(options.reference, options.common);
  if (!reference) return fail(reference.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  const auto side = [](const OpenedModel& model) {
    return lineage::Side{&model.checkpoint, &model.config, &model.anatomy, &model.vocabulary, {}};
  };
  auto found = lineage::compare(
      {side(*suspect), side(*reference), options.common.thread_count(), options.seed, &bar});
  if (!found) return fail(found.error());
  const double seconds = stopwatch.seconds();
  const Summary summary{options, *found, seconds};
  say(options.common.json ? as_json(summary) : as_text(summary));
  return exit_code(found->judgement.verdict);
}

}  // namespace

void add_compare_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("compare", "is one checkpoint made from another, unmarked?");
  command.add_option("suspect", options->suspect, "folder, weights file or index").required();
  command.add_option("reference", options->reference, "the model it may come from").required();
  command.add_flag("--by-expert", options->by_expert,
                   "the share of each expert's neurons that come from the reference");
  command.add_option("--seed", options->seed, "which neurons and tokens are sampled (default 1)");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return compare_models(*options); }; });
}

}  // namespace wmk::cli
