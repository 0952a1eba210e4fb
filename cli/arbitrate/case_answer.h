// What `arbitrate` answers, as text, as JSON and as a report.
//
// Lifetime: refers to the case and the decision. Thread-safety: one thread.
#pragma once

#include <string>

#include "claims/arbitrate/decide.h"
#include "cli/arbitrate/examine.h"

namespace wmk::cli {

struct CaseAnswer {
  const Case& all;
  const claims::Decision& decision;
  const ArbitrateOptions& options;
};

// The ruling as a sentence without its full stop.
std::string ruling_sentence(const CaseAnswer& answer);
// What the ruling does not say.
std::string_view ruling_meaning(claims::Ruling ruling);
// "p < 10^-210 for 1 commitment; an e-value of at least 10^95 with lambda 12".
std::string weight_words(const claims::Weight& weight);
ExitCode exit_code(claims::Ruling ruling);

std::string case_text(const CaseAnswer& answer);
std::string case_json(const CaseAnswer& answer);
// One self-contained page, sections 1 to 11. The same case always gives the same bytes.
std::string case_page(const CaseAnswer& answer);

}  // namespace wmk::cli
