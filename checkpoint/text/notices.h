// Lines in a model's folder that tell where it comes from: leftover notices.
//
// Purpose: names the file and the line of copyright lines, licences, base models, training
// frameworks, classes of the configuration and personas of chat templates. Findings, never proof:
// anybody can write them (specs/notices.md). Lifetime: plain values. Thread-safety: pure functions;
// they look at the file system.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

enum class NoticeKind { copyright, licence, origin, framework, configuration, persona };
std::string_view name(NoticeKind kind);

struct Notice {
  NoticeKind kind = NoticeKind::copyright;
  std::string file;  // its name in the folder
  size_t line = 0;   // from 1
  // The line as it stands, without surrounding blanks, cut to kNoticeTextMax; a list that goes on
  // in the next lines is put behind it; of a chat template, the sentence.
  std::string text;
};

inline constexpr size_t kNoticeTextMax = 160;

struct Notices {
  std::vector<Notice> found;             // by file, then line
  std::vector<std::string> passed_over;  // files too large to be notices
  bool is_cut = false;                   // there are more than we list
};

// What is looked for: lines written for readers, or also what machines read and users hear, the
// configuration's classes and a chat template's persona.
enum class NoticeScope { for_readers, all };

// Looks into licences, notices, pages, code and small JSON files of the folder itself; not into
// folders in it, not into links that leave it.
Result<Notices> find_notices(const std::filesystem::path& folder,
                             NoticeScope scope = NoticeScope::for_readers);

// What one line says, or nothing. `is_licence_title`: the first line of a licence file.
std::vector<NoticeKind> kinds_of(std::string_view line, bool is_licence_title);

}  // namespace wmk::checkpoint
