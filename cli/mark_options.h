// The options that say how a model is marked: strength, shares, sites.
//
// Purpose: `embed` and `commit` have the same ones, so that what was committed can be embedded.
// Lifetime: values. Thread-safety: main thread only.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "embed/mark/site_plan.h"
#include "embed/scheme/strength.h"
#include "embed/sites/site.h"

namespace wmk::cli {

struct MarkOptions {
  std::string strength = "auto";
  std::string shares = "auto";
  std::string sites = "ffn,heads,output";
};
void add_mark_options(Command command, MarkOptions& options);

struct MarkChoice {
  std::optional<double> strength;  // none: automatic
  std::optional<unsigned> shares;
  embed::Sites sites;
};
// Error (invalid_argument): an option that is neither 'auto' nor a number, an unknown site.
Result<MarkChoice> mark_choice(const MarkOptions& options);

// "0.400 %", or "3.000 % (automatic: 0.400 %)" where it was chosen.
std::string strength_text(const embed::MarkPlan& plan);
// Warns about a mark that even an untouched copy would not show well enough.
void warn_if_weak(const embed::SitePlans& sites, bool is_licensee);

}  // namespace wmk::cli
