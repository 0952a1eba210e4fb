#include "checkpoint/text/notices.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/text/notice_words.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kFileBytesMax = 4 << 20;
constexpr size_t kNoticesMax = 200;
// A page may repeat itself.
constexpr size_t kNoticesOfFileMax = 20;

constexpr std::array<std::string_view, 8> kNoticeEndings = {".md",   ".txt", ".py",  ".json",
                                                            ".yaml", ".yml", ".cff", ".jinja"};
constexpr std::array<std::string_view, 4> kTitles = {"license", "licence", "notice", "copying"};
// Vocabularies and indexes are long and have no notices.
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

bool has_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

constexpr std::array<std::string_view, 3> kConfiguration = {"\"architectures\"", "\"model_type\"",
                                                            "\"auto_map\""};
// Keys of prompts in JSON; a template in a file of its own ends in .jinja.
constexpr std::array<std::string_view, 3> kTemplate = {"chat_template", "system_prompt",
                                                       "system_message"};
constexpr std::string_view kTemplateEnding = ".jinja";

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
                     [&](std::string_view title) { return lower_case(file).starts_with(title); });
}

bool may_hold_notices(std::string_view file) {
  const auto ends_in = [&](std::string_view ending) { return lower_case(file).ends_with(ending); };
  if (std::any_of(kPassedOver.begin(), kPassedOver.end(), ends_in)) return false;
  return is_licence_file(file) ||
         std::any_of(kNoticeEndings.begin(), kNoticeEndings.end(), ends_in);
}

// Takes the next line of `text`, without surrounding blanks.
std::string_view next_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// The line, followed by the items of a list or object that it opens, or of a YAML list below it.
std::string with_list(std::string_view line, std::string_view rest) {
  std::string out(line.substr(0, kNoticeTextMax));
  const bool opens = line.ends_with('[') || line.ends_with('{');
  while (!rest.empty() && out.size() < kNoticeTextMax) {
    const std::string_view more = next_line(rest);
    if (!opens && !(line.ends_with(':') && more.starts_with("- "))) break;
    out += cat(" ", more.substr(0, kNoticeTextMax));
    if (opens && (more.starts_with(']') || more.starts_with('}'))) break;
  }
  return out.substr(0, kNoticeTextMax);
}

class Collector {
 public:
  Collector(const std::string& file, NoticeScope scope, Notices& out)
      : file_(file), scope_(scope), out_(out) {}

  void collect(std::string_view text) {
    bool is_title = is_licence_file(file_);
    const bool is_template = lower_case(file_).ends_with(kTemplateEnding);
    for (size_t line = 1; !text.empty() && !is_full_; ++line) {
      const std::string_view words = next_line(text);
      if (words.empty()) continue;
      for (const NoticeKind kind : kinds_of(words, is_title)) {
        const bool may_go_on = kind == NoticeKind::configuration || kind == NoticeKind::origin;
        add(kind, line,
            may_go_on ? with_list(words, text) : std::string(words.substr(0, kNoticeTextMax)));
      }
      if (is_template || has_any(words.substr(0, kNoticeTextMax), kTemplate)) {
        for (std::string& sentence : persona_sentences(words)) {
          add(NoticeKind::persona, line, std::move(sentence));
        }
      }
      is_title = false;
    }
  }

 private:
  void add(NoticeKind kind, size_t line, std::string text) {
    const bool for_readers = kind != NoticeKind::configuration && kind != NoticeKind::persona;
    if (!for_readers && scope_ == NoticeScope::for_readers) return;
    is_full_ = is_full_ || out_.found.size() == kNoticesMax || of_file_ == kNoticesOfFileMax;
    out_.is_cut = out_.is_cut || is_full_;
    if (is_full_) return;
    ++of_file_;
    out_.found.push_back({kind, file_, line, std::move(text)});
  }

  const std::string& file_;
  NoticeScope scope_;
  Notices& out_;
  size_t of_file_ = 0;
  bool is_full_ = false;
};

}  // namespace

std::string_view to_string(NoticeKind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"copyright", "licence",       "origin",
                                                      "framework", "configuration", "persona"};
  return kNames[static_cast<size_t>(kind)];
}

std::vector<NoticeKind> kinds_of(std::string_view line, bool is_licence_title) {
  // The rest of a long line is data.
  const std::string text = lower_case(line.substr(0, 4 * kNoticeTextMax));
  constexpr std::array<std::string_view, 3> kCopyright = {"copyright", "(c)", "\xC2\xA9"};
  std::vector<NoticeKind> out;
  if (has_any(text, kCopyright) && has_year(text)) out.push_back(NoticeKind::copyright);
  if (is_licence_title || has_any(text, kLicence)) out.push_back(NoticeKind::licence);
  if (has_any(text, kOrigin)) out.push_back(NoticeKind::origin);
  if (has_any(text, kFramework)) out.push_back(NoticeKind::framework);
  if (has_any(text, kConfiguration)) out.push_back(NoticeKind::configuration);
  return out;
}

Result<Notices> find_notices(const std::filesystem::path& folder, NoticeScope scope) {
  const auto files = list_files(folder, "");
  if (!files) return files.error();
  Notices out;
  for (const std::string& file : *files) {
    if (!may_hold_notices(file) || !check_inside(folder, folder / file)) continue;
    const auto text = read_text(folder / file, kFileBytesMax);
    if (text) {
      Collector(file, scope, out).collect(*text);
    } else if (text.error().code() == ErrorCode::limit_exceeded) {
      out.passed_over.push_back(file);
    } else {
      return text.error();
    }
  }
  return out;
}

}  // namespace wmk::checkpoint
