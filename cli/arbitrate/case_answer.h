// What `arbitrate` answers, as text, as JSON and as a report.
//
// Lifetime: refers to the case and the decision. Thread-safety: one thread.
#pragma once

#include <string>

#include "claims/arbitrate/decide.h"
#include "cli/arbitrate/arbitrate_options.h"
#include "library/words/case_words.h"

namespace wmk::cli {

struct CaseAnswer {
  const library::Case& all;
  const claims::Decision& decision;
  const ArbitrateOptions& options;
  std::string program;  // SHA-256 of the file that runs, for the report
  double seconds = 0;

  std::string sentence() const {
    return library::ruling_sentence(decision.ruling, !options.suspect.empty());
  }
};

ExitCode exit_code(claims::Ruling ruling);

std::string case_text(const CaseAnswer& answer);
std::string case_json(const CaseAnswer& answer);
// One self-contained page, sections 1 to 11. The same case always gives the same bytes.
std::string case_page(const CaseAnswer& answer);

}  // namespace wmk::cli
