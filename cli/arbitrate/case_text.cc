#include "base/text.h"
#include "cli/arbitrate/case_answer.h"

namespace wmk::cli {

namespace {

using claims::Ruling;

constexpr const char* kKeys[] = {"claimant's key", "opponent's key"};
constexpr const char* kModels[] = {"claimant's release", "opponent's release", "suspect"};

std::string cross_lines(const claims::CrossTable& table) {
  std::string out;
  for (size_t key = 0; key < 2; ++key) {
    for (size_t model = 0; model < 3; ++model) {
      const auto& cell = table.cells[key][model];
      if (!cell) continue;
      out += cat("  ", kKeys[key], " in the ", kModels[model], ": z = ", fixed(cell->z, 2),
                 cell->is_shown ? ", shown\n" : ", not shown\n");
    }
  }
  return out;
}

const char* mark_of(claims::FindingVerdict verdict) {
  return verdict == claims::FindingVerdict::pass   ? "[PASS] "
         : verdict == claims::FindingVerdict::fail ? "[FAIL] "
                                                   : "[OPEN] ";
}

}  // namespace

ExitCode exit_code(Ruling ruling) {
  switch (ruling) {
    case Ruling::conclusive:
    case Ruling::detected:
      return kYes;
    case Ruling::not_found:
    case Ruling::refused:
      return kNo;
    default:
      return kUndecided;
  }
}

std::string case_text(const CaseAnswer& answer) {
  std::string out;
  for (const claims::Finding& each : answer.decision.findings) {
    out += cat(mark_of(each.verdict), each.name, ": ", each.text, "\n");
  }
  if (answer.all.facts->cross) out += cross_lines(*answer.all.facts->cross);
  if (answer.all.facts->link) {
    for (const claims::ControlFacts& each : answer.all.facts->link->controls) {
      out += cat("  control ", escaped(each.path), ": z = ", fixed(each.z, 2),
                 each.is_null ? "\n" : ", not null\n");
    }
  }
  if (answer.decision.weight)
    out += cat("weight: ", library::weight_words(*answer.decision.weight), "\n");
  out += cat(to_string(answer.decision.ruling), ": ", answer.sentence(), "\n");
  for (const std::string& each : answer.decision.limits) {
    out += cat("  not above undecided because of ", each, "\n");
  }
  return out + cat("  ", library::ruling_meaning(answer.decision.ruling), "\n");
}

}  // namespace wmk::cli
