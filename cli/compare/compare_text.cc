#include <map>
#include <numbers>

#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "cli/verdict_text.h"

namespace wmk::cli {

namespace {

using lineage::Outcome;
using lineage::TestResult;

// A terminal is for an overview; --json and --report list them all.
constexpr size_t kLeftoversShown = 12;

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
  std::string out = "  neurons that come from the reference, of those sampled:\n";
  for (const ExpertMean& expert : expert_means(found)) {
    out += cat("    ", padded(expert.name, 14), " ", fixed(100 * expert.share, 1), " % of ",
               fixed(expert.sampled, 0), "\n");
  }
  return out;
}

// Classes that both configurations name are left to --json and --report.
std::string leftover_lines(const CompareView& view) {
  std::string lines;
  size_t shown = 0, more = 0;
  for (const auto& [notice, names, in_reference] : view.leftovers) {
    if (in_reference && notice.kind == checkpoint::NoticeKind::configuration) continue;
    if (++shown > kLeftoversShown) {
      ++more;
      continue;
    }
    lines += cat("    ", escaped(notice.file), ":", notice.line, ": ", escaped(notice.text), " (",
                 name(notice.kind), in_reference ? "; the reference has it too" : "", ")\n");
  }
  if (lines.empty()) return lines;
  if (more > 0) lines += cat("    and ", more, " more: --json\n");
  return "  notices in the suspect's folder (findings, no proof):\n" + lines;
}

}  // namespace

std::string expert_name(const lineage::ExpertShare& share) {
  return share.expert   ? cat("expert ", *share.expert)
         : share.shared ? std::string("shared expert")
                        : std::string("dense FFN");
}

std::vector<ExpertMean> expert_means(const lineage::Comparison& found) {
  std::map<std::string, size_t> places;
  std::vector<ExpertMean> out;
  for (const lineage::ExpertShare& share : found.shares) {
    const auto [place, is_new] = places.emplace(expert_name(share), out.size());
    if (is_new) out.push_back({place->first, 0, 0});
    ExpertMean& mean = out[place->second];
    mean.share += share.share * static_cast<double>(share.sampled);
    mean.sampled += static_cast<double>(share.sampled);
  }
  for (ExpertMean& mean : out) mean.share /= std::max(1.0, mean.sampled);
  return out;
}

std::string compare_text(const CompareView& view) {
  const lineage::Comparison& found = view.found;
  const lineage::Verdict verdict = found.judgement.verdict;
  std::string out =
      cat(kHeadlines[static_cast<size_t>(verdict)], "  ", found.judgement.reason, "\n");
  for (const TestResult& test : found.tests) {
    if (test.outcome != Outcome::soft) out += test_lines(test);
  }
  out += "  shown, and never counted:\n";
  for (const TestResult& test : found.tests) {
    if (test.outcome == Outcome::soft) out += test_lines(test);
  }
  if (view.by_expert) out += expert_lines(found);
  out += parent_lines(view);
  out += leftover_lines(view);
  out += cat("  coordinates: ", word(found.gauge), " (", found.gauges_tried.size(),
             " tried); seed ", view.seed, "; ", duration(view.seconds), "\n");
  if (verdict == lineage::Verdict::derived || verdict == lineage::Verdict::partly_derived) {
    out += "  agreement shows a common ancestor; it does not tell who copied whom\n";
  }
  return out;
}

}  // namespace wmk::cli
