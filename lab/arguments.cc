// Values of parameters. They are checked here, so attacks can use them without checks.
#include <cassert>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "lab/attack.h"

namespace wmk::lab {
namespace {

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool is_listed(std::string_view text, std::string_view choices) {
  while (true) {
    const size_t bar = choices.find('|');
    if (text == choices.substr(0, bar)) return true;
    if (bar == std::string_view::npos) return false;
    choices.remove_prefix(bar + 1);
  }
}

Error wrong(const Parameter& parameter, std::string_view text, std::string_view why) {
  return Error(ErrorCode::invalid_argument,
               cat("--", parameter.name, " ", escaped(text), ": ", why));
}

Status check(const Parameter& parameter, const std::string& text) {
  if (!parameter.is_number()) {
    const bool is_choice = parameter.unit.find('|') != std::string_view::npos;
    if (!is_choice || is_listed(text, parameter.unit)) return {};
    return wrong(parameter, text, cat("must be one of ", parameter.unit));
  }
  const auto value = parse_number(text);
  if (!value) return wrong(parameter, text, "not a number");
  if (parameter.whole && *value != std::floor(*value)) {
    return wrong(parameter, text, "not a whole number");
  }
  if (*value < parameter.low || *value > parameter.high) {
    return wrong(parameter, text, cat("must be in ", parameter.low, "..", parameter.high));
  }
  return {};
}

}  // namespace

Result<Arguments> Arguments::make(const Attack& attack,
                                  const std::map<std::string, std::string>& given, uint64_t seed) {
  Arguments arguments;
  arguments.seed_ = seed;
  for (const Parameter& parameter : attack.parameters) {
    const auto found = given.find(std::string(parameter.name));
    std::string text(found == given.end() ? parameter.default_value : found->second);
    if (text.empty()) {
      return Error(ErrorCode::invalid_argument,
                   cat("attack '", attack.name, "' needs --", parameter.name));
    }
    if (auto status = check(parameter, text); !status) return std::move(status).error();
    arguments.values_.emplace(parameter.name, std::move(text));
  }
  for (const auto& [name, text] : given) {
    if (arguments.values_.contains(name)) continue;
    return Error(ErrorCode::invalid_argument,
                 cat("attack '", attack.name, "' has no parameter '", escaped(name), "'"));
  }
  return arguments;
}

double Arguments::number(std::string_view name) const {
  return parse_number(text(name)).value_or(0);
}

uint64_t Arguments::whole(std::string_view name) const {
  return static_cast<uint64_t>(number(name));
}

const std::string& Arguments::text(std::string_view name) const {
  const auto found = values_.find(name);
  assert(found != values_.end());
  return found->second;
}

}  // namespace wmk::lab
