// Adapters among the compared models: what follows for the answer.
#include "base/text.h"
#include "cli/adapter_base.h"
#include "cli/compare/compare_view.h"
#include "cli/page_parts.h"

namespace wmk::cli {

namespace {

std::string adapter_note(std::string_view which, const std::string& base) {
  return cat("the ", which, " is an adapter over ", escaped(base),
             ": what it does not change is the base's; compare the base as well");
}

}  // namespace

std::vector<std::string> adapter_notes(const CompareView& view) {
  std::vector<std::string> out;
  if (!view.base.empty()) out.push_back(adapter_note("suspect", view.base));
  if (!view.reference_base.empty()) out.push_back(adapter_note("reference", view.reference_base));
  if (!view.base.empty() && view.base == view.reference_base) {
    out.emplace_back("both are adapters over one base: what they share may be the base's alone");
  }
  return out;
}

std::string adapter_options(const CompareView& view) {
  std::string out;
  if (!view.base.empty()) out += cat(" --base ", shell_word(view.base));
  if (!view.reference_base.empty()) {
    out += cat(" --reference-base ", shell_word(view.reference_base));
  }
  return out;
}

}  // namespace wmk::cli
