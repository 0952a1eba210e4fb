#include "cli/mark_options.h"

#include <charconv>
#include <cmath>

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/price.h"
#include "library/words/site_names.h"
#include "verify/detect.h"

namespace wmk::cli {

namespace {

Result<std::optional<double>> number_or_auto(const std::string& text, const char* what) {
  if (text == "auto") return std::optional<double>();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error(ErrorCode::invalid_argument,
                 cat(what, " must be 'auto' or a number, not '", escaped(text), "'"));
  }
  return std::optional<double>(value);
}

}  // namespace

void add_mark_options(Command command, MarkOptions& options) {
  command.add_option("--strength", options.strength,
                     "relative change of each weight vector: auto, or 1e-4 to 3e-2");
  command.add_option("--shares", options.shares,
                     "number of independent shares of the mark: auto, or 1 to 4");
  command.add_option("--sites", options.sites,
                     "parts of the model to mark: any of ffn,heads,output (default: all that can)");
}

Result<MarkChoice> mark_choice(const MarkOptions& options) {
  auto sites = library::sites_of(options.sites);
  if (!sites) return std::move(sites).error();
  auto strength = number_or_auto(options.strength, "--strength");
  if (!strength) return std::move(strength).error();
  auto shares = number_or_auto(options.shares, "--shares");
  if (!shares) return std::move(shares).error();
  MarkChoice out{*strength, std::nullopt, *sites};
  if (*shares) {
    if (!(**shares >= 1 && **shares <= embed::kSharesMax) || **shares != std::floor(**shares)) {
      return Error(ErrorCode::invalid_argument, "--shares must be 'auto' or 1, 2, 3 or 4");
    }
    out.shares = static_cast<unsigned>(**shares);
  }
  return out;
}

std::string strength_text(const embed::MarkPlan& plan) {
  const auto percent = [](double part) { return cat(fixed(part * 100, 3), " %"); };
  const std::string out = percent(plan.strength);
  return plan.strength == plan.automatic ? out
                                         : cat(out, " (automatic: ", percent(plan.automatic), ")");
}

void warn_if_weak(const embed::SitePlans& sites, bool is_licensee) {
  // Of a licensee who is asked for alone; a longer list costs more.
  const double price = is_licensee ? embed::trace_price(1, 1) : embed::price_of(1, false);
  const double best = sites.best_expected_z(), conclusive = embed::conclusive_z(price);
  const double found = embed::least_z(price, std::log(verify::kDefaultAlpha));
  if (best >= conclusive) return;
  warn(cat("a weak mark: an untouched copy is expected to show z = ", fixed(best, 1), ", and ",
           best < found ? cat(fixed(found, 1), " is needed to find it")
                        : cat(fixed(conclusive, 1), " is needed for a conclusive answer"),
           "; a higher --strength helps, and costs quality"));
}

}  // namespace wmk::cli
