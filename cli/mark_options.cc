#include "cli/mark_options.h"

#include <charconv>
#include <cmath>

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "library/words/site_names.h"

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

}  // namespace wmk::cli
