#include "cli/scan/scan_line.h"

#include <algorithm>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace wmk::cli {

namespace {

constexpr size_t kYesVerdicts = 2;  // the first ones
constexpr const char* kNoLine = "is no line of a scan";

std::optional<std::string_view> text_in(const json::Value& object, std::string_view key) {
  const auto found = object.find(key);
  return found ? found->string() : std::nullopt;
}

double number_in(const json::Value& object, std::string_view key) {
  const auto found = object.find(key);
  return found ? found->number().value_or(0) : 0;
}

// Index of the verdict; none: there is no such verdict.
std::optional<size_t> verdict_of(const json::Value& answer) {
  const std::string_view word =
      answer.find("error") ? kScanVerdicts.back() : text_in(answer, "verdict").value_or("");
  const auto found = std::find(kScanVerdicts.begin(), kScanVerdicts.end(), word);
  if (found == kScanVerdicts.end()) return std::nullopt;
  return static_cast<size_t>(found - kScanVerdicts.begin());
}

}  // namespace

Result<ScanLine> read_scan_line(std::string text, const ScanAsked& asked) {
  const auto document = json::Document::parse(std::move(text));
  if (!document) return malformed(kNoLine);
  const auto name = text_in(document->root(), "suspect");
  const auto member = document->root().find("number");
  // From 1.
  const uint64_t number = member ? member->unsigned_integer().value_or(0) : 0;
  const auto answers = document->root().find("answers");
  if (!name || number == 0 || !answers || !answers->is(json::Kind::array)) {
    return malformed(kNoLine);
  }
  if (number > asked.suspects.size() || *name != asked.suspects[number - 1].shown) {
    return malformed("is about a suspect that is not in this scan");
  }
  if (answers->size() != asked.keys.size()) return malformed("is about other keys than this scan");
  ScanLine out{static_cast<size_t>(number - 1), {}};
  auto key = asked.keys.begin();
  for (const json::Value answer : *answers) {
    if (text_in(answer, "key") != *key) return malformed("is about other keys than this scan");
    const auto verdict = verdict_of(answer);
    if (!verdict) return malformed(kNoLine);
    ++out.says.answers[*verdict];
    if (*verdict < kYesVerdicts) {
      out.says.hits.push_back({out.suspect, *key, std::string(kScanVerdicts[*verdict]),
                               number_in(answer, "z"), number_in(answer, "log10_p")});
    }
    ++key;
  }
  return out;
}

std::string scan_line(const ScanAsked& asked, size_t suspect,
                      const std::vector<std::string>& answers) {
  std::string out = cat("{\"suspect\": ", json::quoted(asked.suspects[suspect].shown),
                        ", \"number\": ", suspect + 1, ", \"answers\": [");
  for (size_t i = 0; i < answers.size(); ++i) out += cat(i == 0 ? "" : ", ", answers[i]);
  return out + "]}\n";
}

}  // namespace wmk::cli
