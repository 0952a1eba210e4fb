#include "checkpoint/text/notices.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/text/notice_words.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::Scratch;

std::string listed(const Notices& notices) {
  std::string out;
  for (const Notice& notice : notices.found) {
    out += cat(to_string(notice.kind), " ", notice.file, ":", notice.line, " ", notice.text, "\n");
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
        "origin README.md:3 base_model: - other/base\n"
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

TEST_CASE("notices: configuration and personas", "[checkpoint][notices]") {
  Scratch scratch;
  scratch.put("config.json",
              "{\n  \"architectures\": [\n    \"OtherForCausalLM\"\n  ],\n"
              "  \"auto_map\": {\n    \"AutoModel\": \"modeling_other.OtherModel\"\n  },\n"
              "  \"model_type\": \"other\"\n}\n");
  scratch.put("tokenizer_config.json",
              "{\"chat_template\": \"{% if x %}You are Other, created by Other Labs. You are a "
              "helpful assistant.\\nYou are good\"}\n");
  scratch.put("chat_template.jinja", "{{ 'a' }}\nYou are an AI trained by Somebody's team\n");
  const auto notices = find_notices(scratch.folder(), NoticeScope::all);
  REQUIRE(notices);
  CHECK(listed(*notices) ==
        "persona chat_template.jinja:2 trained by Somebody's team\n"
        "configuration config.json:2 \"architectures\": [ \"OtherForCausalLM\" ],\n"
        "configuration config.json:5 \"auto_map\": { \"AutoModel\": "
        "\"modeling_other.OtherModel\" },\n"
        "configuration config.json:8 \"model_type\": \"other\"\n"
        "persona tokenizer_config.json:1 You are Other, created by Other Labs\n");
  // A statement and inspect have other places for these.
  const auto for_readers = find_notices(scratch.folder());
  REQUIRE(for_readers);
  CHECK(for_readers->found.empty());
}

TEST_CASE("notices: the party that a line names", "[checkpoint][notices]") {
  const auto of = [](NoticeKind kind, std::string_view text) { return named_party(kind, text); };
  CHECK(of(NoticeKind::copyright, "# Copyright 2018-2024 The Other team. All rights reserved.") ==
        "The Other team");
  CHECK(of(NoticeKind::copyright, "(c) 2024 by Somebody") == "Somebody");
  CHECK(of(NoticeKind::copyright, "# Copyright Somebody, 2024") == "Somebody");
  CHECK(of(NoticeKind::origin, "\"_name_or_path\": \"other/base\",") == "other/base");
  CHECK(of(NoticeKind::origin, "base_model: - other/base") == "other/base");
  CHECK(of(NoticeKind::configuration, "\"architectures\": [ \"X\" ],") == "X");
  CHECK(of(NoticeKind::persona, "You are Other") == "You are Other");
  CHECK(of(NoticeKind::licence, "license: mit") == "");
  CHECK(of(NoticeKind::framework, "\"transformers_version\": \"4.40.0\"") == "");
}

TEST_CASE("notices: an endless template is read quickly", "[checkpoint][notices][bad-input]") {
  std::string endless;
  while (endless.size() < (3u << 20)) endless += "you are you are created by \xFF";
  CHECK(persona_sentences(endless).empty());
  CHECK(persona_sentences(std::string(1 << 20, 'X')).empty());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "You are Nobody. ";
  CHECK(persona_sentences(many).size() == 4);
  CHECK(persona_sentences("You are ").empty());
  CHECK(persona_sentences("You are X" + std::string(1000, 'x')).at(0).size() <= kNoticeTextMax);
}

}  // namespace wmk::checkpoint
