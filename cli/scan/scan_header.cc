#include "cli/scan/scan_header.h"

#include <optional>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace wmk::cli {

namespace {

using Member = std::optional<json::Value>;

bool are_equal(const json::Value& a, const json::Value& b) {
  if (a.kind() != b.kind() || a.size() != b.size()) return false;
  if (!a.is(json::Kind::array)) return a.string() == b.string() && a.number() == b.number();
  auto other = b.begin();
  for (const json::Value each : a) {
    if (!are_equal(each, *other)) return false;
    ++other;
  }
  return true;
}

bool are_equal(const Member& a, const Member& b) {
  return a && b ? are_equal(*a, *b) : a.has_value() == b.has_value();
}

bool have_equal_first(const Member& a, const Member& b) {
  return a && b && a->size() > 0 && b->size() > 0 && are_equal(*a->begin(), *b->begin());
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    out += cat(i == 0 ? "" : i + 1 == words.size() ? " and " : ", ", words[i]);
  }
  return out;
}

std::string list_words(const Member& suspects) {
  const auto count = suspects ? suspects->unsigned_integer() : std::nullopt;
  return count ? cat("the list (it had ", *count, *count == 1 ? " suspect)" : " suspects)")
               : "the list";
}

std::string program_words(const Member& program) {
  const auto version = program ? program->string() : std::nullopt;
  return version ? cat("the program (it was ", escaped(*version), ")") : "the program";
}

}  // namespace

std::string scan_difference(const std::string& theirs, const std::string& own) {
  const auto there = json::Document::parse(theirs), here = json::Document::parse(own);
  if (!there || !here) return "the first line";
  const auto differs = [&](const char* name) {
    return !are_equal(there->root().find(name), here->root().find(name));
  };
  std::vector<std::string> out;
  // Addresses are digested under the first key.
  const bool is_comparable =
      have_equal_first(there->root().find("keys"), here->root().find("keys"));
  if (differs("list") || (is_comparable && differs("addresses"))) {
    out.push_back(list_words(there->root().find("suspects")));
  }
  if (differs("keys")) out.emplace_back("the keys");
  if (differs("alpha")) out.emplace_back("alpha");
  if (differs("options")) out.emplace_back("the options");
  // Other options name other files.
  else if (differs("digests"))
    out.emplace_back("what is in the files that options name");
  if (differs("program")) out.push_back(program_words(there->root().find("program")));
  return out.empty() ? "the first line" : listed(out);
}

}  // namespace wmk::cli
