// The result of compare on the terminal, and the means over experts that all outputs use.
#include <map>

#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "cli/network.h"
#include "lineage/verdict_wording.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

using lineage::Outcome;
using lineage::TestResult;

// The terminal shows an overview; --json and --report list all of them.
constexpr size_t kNoticesShown = 12;

std::string padded(std::string_view text, size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size()), ' ');
  return out;
}

std::string test_lines(const TestResult& test) {
  std::string out = cat("  ", padded(to_string(test.outcome), 14), "  ", test.name);
  if (test.outcome == Outcome::not_run) return cat(out, ": ", test.note, "\n");
  out += cat(": ", fixed(test.value, 2));
  if (test.log10_p) {
    out += cat(", ", report::p_statement(*test.log10_p), " (", to_string(test.kind), ")");
  }
  return cat(out, "\n                  ", test.note, "\n");
}

// The mean share of each expert over the compared layers.
std::string expert_lines(const lineage::Comparison& found) {
  std::string out = "  neurons that the reference has too, of those sampled:\n";
  for (const ExpertMean& expert : expert_means(found)) {
    out += cat("    ", padded(expert.name, 14), " ", fixed(100 * expert.share, 1), " % of ",
               fixed(expert.sampled, 0), "\n");
  }
  return out;
}

// Class names that are in both configurations are only in --json and --report.
std::string notice_lines(const CompareView& view) {
  std::string lines;
  size_t shown = 0, more = 0;
  for (const auto& [notice, names, in_reference] : view.notices) {
    if (in_reference && notice.kind == checkpoint::NoticeKind::configuration) continue;
    if (++shown > kNoticesShown) {
      ++more;
      continue;
    }
    lines += cat("    ", escaped(notice.file), ":", notice.line, ": ", escaped(notice.text), " (",
                 to_string(notice.kind), in_reference ? "; also in the reference" : "", ")\n");
  }
  if (lines.empty()) return lines;
  if (more > 0) lines += cat("    and ", more, " more, see --json\n");
  return "  notices left in the suspect's folder (hints, not proof):\n" + lines;
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
  const lineage::LineageVerdict verdict = found.judgement.verdict;
  const lineage::VerdictWording& wording = wording_of(verdict);
  std::string out = cat(wording.name, ": ", wording.headline, "\n  ", found.judgement.reason, "\n");
  for (const TestResult& test : found.tests) {
    if (test.outcome != Outcome::soft) out += test_lines(test);
  }
  out += "  described, not counted as agreement:\n";
  for (const TestResult& test : found.tests) {
    if (test.outcome == Outcome::soft) out += test_lines(test);
  }
  if (view.by_expert) out += expert_lines(found);
  out += parent_lines(view);
  out += notice_lines(view);
  out += cat("  basis: ", to_string(found.basis), " (", found.bases_tried.size(), " tried); seed ",
             view.seed, "; ", duration(view.seconds), "\n");
  out += network_line();
  for (const std::string& note : adapter_notes(view)) out += cat("  ", note, "\n");
  if (verdict == lineage::LineageVerdict::derived ||
      verdict == lineage::LineageVerdict::partly_derived) {
    out += "  agreement shows a common ancestor, but not who copied from whom\n";
  }
  if (const std::string direction = library::direction_of(view.found, view.parents);
      !direction.empty()) {
    out += cat("  structure shows: ", direction, "\n");
  }
  return out;
}

}  // namespace wmk::cli
