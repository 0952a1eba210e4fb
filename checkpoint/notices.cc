#include "checkpoint/notices.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/model_folder.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kFileBytesMax = 4 << 20;
constexpr size_t kNoticesMax = 200;
// A page repeats itself; what it says first says it.
constexpr size_t kNoticesOfFileMax = 20;

constexpr std::array<std::string_view, 7> kNoticeEndings = {".md",   ".txt", ".py", ".json",
                                                            ".yaml", ".yml", ".cff"};
constexpr std::array<std::string_view, 4> kTitles = {"license", "licence", "notice", "copying"};
// Vocabularies and indexes are long and say nothing here.
constexpr std::array<std::string_view, 5> kPassedOver = {"tokenizer.json", "vocab.json",
                                                         "merges.txt", "vocab.txt", ".index.json"};

constexpr std::array<std::string_view, 6> kLicence = {
    "license:",      "licence:",     "license_name:",
    "license_link:", "\"license\":", "license-identifier:"};
constexpr std::array<std::string_view, 9> kOrigin = {
    "_name_or_path\"", "base_model",    "parent_model", "finetuned from",  "fine-tuned from",
    "fine tuned from", "upcycled from", "merged from",  "initialized from"};
constexpr std::array<std::string_view, 13> kFramework = {"transformers_version",
                                                         "library_name:",
                                                         "llama-factory",
                                                         "llama_factory",
                                                         "axolotl",
                                                         "mergekit",
                                                         "unsloth",
                                                         "megatron",
                                                         "torchtune",
                                                         "deepspeed",
                                                         "mindspeed",
                                                         "mindformers",
                                                         "generated_from_trainer"};

// ASCII only; other letters stay.
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool has_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// 1950 to 2099, not inside a longer number.
bool has_year(std::string_view text) {
  const auto digit = [&](size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  for (size_t i = 0; i + 4 <= text.size(); ++i) {
    if (!digit(i) || !digit(i + 1) || !digit(i + 2) || !digit(i + 3)) continue;
    if (digit(i + 4) || (i > 0 && digit(i - 1))) continue;
    const std::string_view century = text.substr(i, 2);
    if (century == "20" || (century == "19" && text[i + 2] >= '5')) return true;
  }
  return false;
}

bool is_licence_file(std::string_view file) {
  return std::any_of(kTitles.begin(), kTitles.end(),
                     [&](std::string_view title) { return lower(file).starts_with(title); });
}

bool may_hold_notices(std::string_view file) {
  const auto ends_in = [&](std::string_view ending) { return lower(file).ends_with(ending); };
  if (std::any_of(kPassedOver.begin(), kPassedOver.end(), ends_in)) return false;
  return is_licence_file(file) ||
         std::any_of(kNoticeEndings.begin(), kNoticeEndings.end(), ends_in);
}

void collect(const std::string& file, std::string_view text, Notices& out) {
  bool is_title = is_licence_file(file);
  size_t of_file = 0;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view words = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.empty()) continue;
    for (const NoticeKind kind : kinds_of(words, is_title)) {
      if (out.found.size() == kNoticesMax || of_file == kNoticesOfFileMax) {
        out.is_cut = true;
        return;
      }
      ++of_file;
      out.found.push_back({kind, file, line, std::string(words.substr(0, kNoticeTextMax))});
    }
    is_title = false;
  }
}

}  // namespace

std::string_view name(NoticeKind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"copyright", "licence", "origin",
                                                      "framework"};
  return kNames[static_cast<size_t>(kind)];
}

std::vector<NoticeKind> kinds_of(std::string_view line, bool is_licence_title) {
  // What stands behind the first part of a long line is no notice but data.
  const std::string text = lower(line.substr(0, 4 * kNoticeTextMax));
  constexpr std::array<std::string_view, 3> kCopyright = {"copyright", "(c)", "\xC2\xA9"};
  std::vector<NoticeKind> out;
  if (has_any(text, kCopyright) && has_year(text)) out.push_back(NoticeKind::copyright);
  if (is_licence_title || has_any(text, kLicence)) out.push_back(NoticeKind::licence);
  if (has_any(text, kOrigin)) out.push_back(NoticeKind::origin);
  if (has_any(text, kFramework)) out.push_back(NoticeKind::framework);
  return out;
}

Result<Notices> find_notices(const std::filesystem::path& folder) {
  const auto files = list_files(folder, "");
  if (!files) return files.error();
  Notices out;
  for (const std::string& file : *files) {
    if (!may_hold_notices(file) || !check_inside(folder, folder / file)) continue;
    const auto text = read_text(folder / file, kFileBytesMax);
    if (text) {
      collect(file, *text, out);
    } else if (text.error().code() == ErrorCode::limit_exceeded) {
      out.passed_over.push_back(file);
    } else {
      return text.error();
    }
  }
  return out;
}

}  // namespace wmk::checkpoint
