// Notices in a model's folder: lines that say where the model comes from.
//
// Purpose: finds copyright lines, licences, base models, training frameworks, classes of the
// configuration and personas of chat templates, with file and line. They prove nothing, since
// anybody can write them (specs/notices.md). Lifetime: plain values. Thread-safety: pure functions;
// they read the file system.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

enum class NoticeKind { copyright, licence, origin, framework, configuration, persona };
std::string_view to_string(NoticeKind kind);

struct Notice {
  NoticeKind kind = NoticeKind::copyright;
  std::string file;  // name in the folder
  size_t line = 0;   // from 1
  // The line without surrounding blanks, cut to kNoticeTextMax, with the lines of a list that it
  // opens; from a chat template, the sentence.
  std::string text;
};

inline constexpr size_t kNoticeTextMax = 160;

struct Notices {
  std::vector<Notice> found;             // by file, then line
  std::vector<std::string> passed_over;  // files that were too large to read
  bool is_cut = false;                   // there are more notices than listed
};

// What to look for: lines written for people, or also the classes of the configuration and the
// persona of the chat template.
enum class NoticeScope { for_readers, all };

// Reads licences, notices, pages, code and small JSON files of the folder, but not its subfolders
// or links that lead out of it.
Result<Notices> find_notices(const std::filesystem::path& folder,
                             NoticeScope scope = NoticeScope::for_readers);

// The kind of notice in one line, if any. `is_licence_title`: the first line of a licence file.
std::vector<NoticeKind> kinds_of(std::string_view line, bool is_licence_title);

}  // namespace wmk::checkpoint
