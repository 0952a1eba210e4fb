// The sections of a report, in its order (specs/arbitration.md 7).
//
// Thread-safety: pure functions on the caller's Html.
#pragma once

#include "cli/arbitrate/case_answer.h"
#include "report/html.h"

namespace wmk::cli {

void add_case(const CaseAnswer& answer, report::Html& page);
void add_items(const CaseAnswer& answer, report::Html& page);
void add_propositions(const CaseAnswer& answer, report::Html& page);
void add_method(const CaseAnswer& answer, report::Html& page);
void add_findings(const CaseAnswer& answer, report::Html& page);
void add_error_rate(const CaseAnswer& answer, report::Html& page);
void add_weight(const CaseAnswer& answer, report::Html& page);
void add_alternatives(const CaseAnswer& answer, report::Html& page);
void add_time_line(const CaseAnswer& answer, report::Html& page);
void add_reproduction(const CaseAnswer& answer, report::Html& page);
void add_certification(const CaseAnswer& answer, report::Html& page);

// The command line of the case.
std::string arbitrate_command_line(const ArbitrateOptions& options);

}  // namespace wmk::cli
