#include <cmath>

#include "base/text.h"
#include "cli/arbitrate/case_answer.h"
#include "report/probability.h"

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

std::string ruling_sentence(const CaseAnswer& answer) {
  const std::string suspect =
      answer.options.suspect.empty() ? "the output head behind the logits" : "the suspect";
  switch (answer.decision.ruling) {
    case Ruling::conclusive:
    case Ruling::detected:
      return cat(suspect, " carries the mark that was committed, under the conditions of the link");
    case Ruling::not_found:
      return cat(suspect, " does not carry the disclosed share where it was looked for");
    case Ruling::refused:
      return "the claim's papers are bad; no model was read";
    default:
      return cat("it is open whether ", suspect, " carries the mark that was committed");
  }
}

std::string_view ruling_meaning(Ruling ruling) {
  switch (ruling) {
    case Ruling::conclusive:
    case Ruling::detected:
      return "It does not say who copied, how, or with what right.";
    case Ruling::not_found:
      return "It does not say that the suspect is independent: a mark can be removed.";
    case Ruling::refused:
      return "It says nothing about the suspect.";
    default:
      return "It says neither yes nor no.";
  }
}

std::string weight_words(const claims::Weight& weight) {
  const std::string tries =
      weight.ln_tries < claims::kUncountedLnTries && weight.commitments
          ? cat(*weight.commitments, *weight.commitments == 1 ? " commitment" : " commitments")
          : std::string("2^64 tries");
  const double log10_e = report::log10_of(weight.ln_e);
  const std::string e = log10_e < 0
                            ? std::string("an e-value below 1")
                            : cat("an e-value of at least 10^", fixed(std::floor(log10_e), 0));
  return cat(report::p_statement(report::log10_of(weight.ln_p)), " for ", tries, "; ", e,
             " with lambda ", fixed(weight.lambda, 1));
}

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
  if (answer.decision.weight) out += cat("weight: ", weight_words(*answer.decision.weight), "\n");
  out += cat(to_string(answer.decision.ruling), ": ", ruling_sentence(answer), "\n");
  for (const std::string& each : answer.decision.limits) {
    out += cat("  not above undecided because of ", each, "\n");
  }
  return out + cat("  ", ruling_meaning(answer.decision.ruling), "\n");
}

}  // namespace wmk::cli
