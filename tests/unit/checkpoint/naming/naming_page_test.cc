// specs/naming.md agrees with the program.
#include <sstream>

#include "tests/unit/checkpoint/layout/edited_model.h"

namespace wmk::checkpoint {
namespace {

std::string page() {
  return wmk::test::content_of(std::filesystem::path(WMK_SOURCE_DIR) / "specs/naming.md");
}

// The text of the `number`-th block between ``` lines.
std::string code_block(const std::string& text, int number) {
  std::istringstream lines(text);
  std::string out;
  int fences = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      ++fences;
    } else if (fences == 2 * number - 1) {
      out += line + "\n";
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the page of naming rules lists every family with its types") {
  const std::string text = page();
  size_t at = 0;
  for (const NamingFamily& family : families()) {
    std::string types;
    for (const std::string& type : family.model_types())
      types += cat(types.empty() ? "" : ", ", type);
    if (types.empty()) types = "(by names only)";
    const size_t found = text.find(cat("| `", family.name(), "` | ", types, " | "));
    INFO(family.name());
    REQUIRE(found != std::string::npos);
    CHECK(found > at);  // in catalogue order
    at = found;
  }
}

TEST_CASE("the example family of the page reads its model") {
  auto sample = NamingFamily::parse(code_block(page(), 1), "the sample");
  REQUIRE(sample);
  CHECK(sample->name() == "mixtral");
  auto rules = NamingFamily::parse(code_block(page(), 2), "mine.rules");
  REQUIRE(rules);
  wmk::test::EditedModel model("llama");
  model.rename("model.embed_tokens", "net.words");
  for (const auto& [from, to] : {std::pair("mlp.up_proj", "ff.rise"),
                                 {"mlp.gate_proj", "ff.gate"},
                                 {"mlp.down_proj", "ff.fall"},
                                 {"post_attention_layernorm", "norm_before_ff"},
                                 {"model.layers", "net.layers"}}) {
    model.rename(from, to);
  }
  const Anatomy anatomy = model.good(&*rules);
  CHECK(anatomy.groups.size() == 2);
  CHECK(anatomy.gated);
  CHECK(anatomy.groups[1].in_norm.has_value());
}

}  // namespace wmk::checkpoint
