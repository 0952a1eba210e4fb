#include "checkpoint/notices.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::Scratch;

std::string listed(const Notices& notices) {
  std::string out;
  for (const Notice& notice : notices.found) {
    out += cat(name(notice.kind), " ", notice.file, ":", notice.line, " ", notice.text, "\n");
  }
  return out;
}

using Kinds = std::vector<NoticeKind>;

}  // namespace

TEST_CASE("notices: the worked example", "[checkpoint][notices]") {
  Scratch scratch;
  scratch.put("LICENSE", "\n  Example Community License\nCopyright notice: keep it.\n");
  scratch.put("modeling_example.py", "# coding=utf-8\n# Copyright 2024 The Other Team.\nx = 1\n");
  scratch.put("config.json",
              "{\n  \"_name_or_path\": \"other/base\",\n"
              "  \"transformers_version\": \"4.40.0\"\n}\n");
  scratch.put("README.md", "---\nlicense: apache-2.0\nbase_model:\n- other/base\n---\n");
  scratch.put("tokenizer.json", "{\"Copyright 2024\": 1}");
  scratch.put("weights.bin", "Copyright 2024");
  const auto notices = find_notices(scratch.folder());
  REQUIRE(notices);
  CHECK(listed(*notices) ==
        "licence LICENSE:2 Example Community License\n"
        "licence README.md:2 license: apache-2.0\n"
        "origin README.md:3 base_model:\n"
        "origin config.json:2 \"_name_or_path\": \"other/base\",\n"
        "framework config.json:3 \"transformers_version\": \"4.40.0\"\n"
        "copyright modeling_example.py:2 # Copyright 2024 The Other Team.\n");
  CHECK_FALSE(notices->is_cut);
  CHECK(notices->passed_over.empty());
}

TEST_CASE("notices: a copyright line needs a year", "[checkpoint][notices]") {
  CHECK(kinds_of("Copyright 2024 The Team", false) == Kinds{NoticeKind::copyright});
  CHECK(kinds_of("\xC2\xA9 1999 somebody", false) == Kinds{NoticeKind::copyright});
  CHECK(kinds_of("(C) 2018-2024 somebody", false) == Kinds{NoticeKind::copyright});
  CHECK(kinds_of("the above copyright notice", false).empty());
  CHECK(kinds_of("Copyright [yyyy] [name of copyright owner]", false).empty());
  CHECK(kinds_of("copyright 120245 tokens", false).empty());
  CHECK(kinds_of("func(c) 1234", false).empty());
  CHECK(kinds_of("", false).empty());
}

TEST_CASE("notices: long lines, many lines and large files are cut",
          "[checkpoint][notices][bad-input]") {
  Scratch scratch;
  scratch.put("NOTICE", "title\n" + std::string(3 << 20, 'x'));
  scratch.put("long.json", "{\"license\": \"" + std::string(1 << 20, '\xFF'));
  scratch.put("huge.md", std::string(5 << 20, '\n'));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "license: x\n";
  for (int i = 0; i < 20; ++i) scratch.put(cat("page", i, ".md"), many);
  std::filesystem::create_symlink("/etc/passwd", scratch / "LICENSE");
  const auto notices = find_notices(scratch.folder());
  REQUIRE(notices);
  CHECK(notices->is_cut);
  CHECK(notices->found.size() == 200);
  CHECK(notices->passed_over == std::vector<std::string>{"huge.md"});
  for (const Notice& notice : notices->found) {
    CHECK(notice.text.size() <= kNoticeTextMax);
    CHECK(notice.file != "LICENSE");
  }
}

}  // namespace wmk::checkpoint
