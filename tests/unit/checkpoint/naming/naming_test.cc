#include "checkpoint/naming/naming.h"

#include <catch2/catch.hpp>
#include <set>

#include "base/text.h"
#include "checkpoint/naming/name_table.h"
#include "checkpoint/naming/naming_catalogue.h"

using namespace wmk;
using namespace wmk::checkpoint;

namespace {

std::string pattern(std::string_view name) { return canonical_name(name).pattern; }

// The smallest text that parses, with `line` as its fifth line.
std::string with_line(std::string_view line) {
  return cat("family mine\ntoken_embedding emb\nffn_up l.#.up\nffn_down l.#.down\n", line, "\n");
}

std::string error_of(std::string_view text) {
  auto family = NamingFamily::parse(text, "my.rules");
  REQUIRE_FALSE(family);
  CHECK(family.error().code() == ErrorCode::malformed);
  return family.error().message();
}

}  // namespace

TEST_CASE("wrappers, suffixes and numbers leave a tensor's name") {
  const auto name = canonical_name("model.layers.3.mlp.experts.17.up_proj.weight");
  CHECK(name.pattern == "layers.#.mlp.experts.#.up_proj");
  CHECK(name.numbers == std::vector<uint64_t>{3, 17});
  CHECK_FALSE(name.is_bias);
  CHECK(canonical_name("model.layers.0.mlp.up_proj.bias").is_bias);
  CHECK(pattern("lm_head.weight") == "lm_head");
  CHECK(pattern("model.decoder.layers.0.fc1.weight") == "layers.#.fc1");
  CHECK(pattern("decoder.layers.0.fc1.weight") == "layers.#.fc1");
  CHECK(pattern("transformer.h.11.mlp.c_fc.weight") == "h.#.mlp.c_fc");
  CHECK(pattern("gpt_neox.embed_in.weight") == "embed_in");
}

TEST_CASE("every wrapping of a tensor gives the same pattern") {
  for (const char* wrapper :
       {"", "model.", "module.", "module.model.", "base_model.model.model.",
        "language_model.model.", "model.language_model.", "language_model.", "_orig_mod.model.",
        "thinker.model.", "model.text_model.", "module.module.model."}) {
    CAPTURE(wrapper);
    CHECK(pattern(cat(wrapper, "layers.0.mlp.up_proj.weight")) == "layers.#.mlp.up_proj");
  }
}

TEST_CASE("vision and audio towers keep their prefix") {
  CHECK(pattern("vision_tower.encoder.layers.0.mlp.fc1.weight") ==
        "vision_tower.encoder.layers.#.mlp.fc1");
  CHECK(pattern("model.visual.blocks.0.mlp.up_proj.weight") == "visual.blocks.#.mlp.up_proj");
}

TEST_CASE("only canonical numbers are numbers, and a '#' in a name is not one") {
  CHECK(pattern("layers.07.x") == "layers.07.x");
  CHECK(pattern("layers.0.x") == "layers.#.x");
  CHECK(pattern("layers.1234567890123456789012.x") == "layers.1234567890123456789012.x");
  const auto hashed = canonical_name("layers.#.mlp.up_proj.weight");
  CHECK(hashed.pattern == "layers.##.mlp.up_proj");
  CHECK(hashed.numbers.empty());
}

TEST_CASE("odd names have a canonical form too") {
  CHECK(pattern("") == "");
  CHECK(pattern(".weight") == ".weight");
  CHECK(pattern("model.") == "model.");
  CHECK(pattern("..") == "..");
  CHECK(pattern("7") == "#");
}

TEST_CASE("every rules file of the catalogue parses, and names itself") {
  std::set<std::string> names;
  for (const RulesText& rules : shipped_rules()) {
    auto family = NamingFamily::parse(rules.text, rules.source);
    INFO(rules.source << ": " << (family ? "" : family.error().message()));
    REQUIRE(family);
    CHECK(family->name() + ".rules" == rules.source);
    CHECK(names.insert(family->name()).second);
  }
  REQUIRE(families().size() == shipped_rules().size());
  CHECK(families()[0].name() == "llama");
}

TEST_CASE("a rule carries its flags and braces are choices") {
  auto family = NamingFamily::parse(
      with_line("ffn_gate_up l.#.{a,b}{,_c}  stacked transposed interleaved"), "my.rules");
  REQUIRE(family);
  for (const char* each : {"l.#.a", "l.#.a_c", "l.#.b", "l.#.b_c"}) {
    const Rule* rule = family->find(each);
    REQUIRE(rule);
    CHECK(rule->role == Role::ffn_gate_up);
    CHECK(rule->pattern == each);
    CHECK((rule->stacked && rule->transposed && rule->interleaved));
    CHECK_FALSE((rule->shared || rule->one_plus));
  }
  CHECK(family->find("l.#.c") == nullptr);
  CHECK(family->has(Role::ffn_gate_up));
  CHECK_FALSE(family->has(Role::ffn_gate));
}

TEST_CASE("rules may lie in parts, and some need not apply") {
  auto family = NamingFamily::parse(
      "family mine\ntoken_embedding emb\nffn_up l.#.up latent\nffn_down l.#.down\n"
      "ffn_norm l.#.norm optional unless_post\n"
      "part side\nffn_gate_up l.#.side.both up_first optional\nffn_norm l.#.side.norm\n",
      "my.rules");
  REQUIRE(family);
  CHECK(family->find("l.#.up")->latent);
  CHECK(family->find("l.#.up")->part.empty());
  const Rule norm = *family->find("l.#.norm");
  CHECK((norm.optional && norm.unless_post));
  const Rule both = *family->find("l.#.side.both");
  CHECK((both.up_first && both.optional && both.part == "side"));
  CHECK_FALSE(family->needs(Role::ffn_norm, ""));
  CHECK(family->needs(Role::ffn_norm, "side"));
  CHECK_FALSE(family->needs(Role::ffn_post_norm, "side"));
  CHECK_FALSE(family->needs(Role::ffn_norm, "other"));
  CHECK(error_of(with_line("part")) == "my.rules line 5: 'part' needs one name");
  CHECK(error_of(with_line("ffn_down l.#.g up_first")) ==
        "my.rules line 5: 'up_first' is not a flag of ffn_down");
  CHECK(error_of(with_line("norm n optional")) ==
        "my.rules line 5: 'optional' is not a flag of norm");
}

TEST_CASE("a digit in a pattern stands for that number only") {
  auto family = NamingFamily::parse(
      "family mine\ntoken_embedding emb.0\nother emb.#\nffn_up h.#.ffn.0\nffn_down h.#.ffn.2\n",
      "my.rules");
  REQUIRE(family);
  std::vector<Tensor> tensors;
  for (const char* name : {"emb.0.weight", "emb.1.weight", "h.3.ffn.0.weight", "h.3.ffn.2.weight",
                           "h.3.ffn.1.weight", "h.3.ffn.10.weight", "h.2.ffn.0.bias"}) {
    tensors.emplace_back().name = name;
  }
  const NameTable names = NameTable::make(tensors);
  const auto rules = names.rules_of(*family);
  std::vector<std::optional<Role>> roles;
  for (const IndexedName& entry : names.entries) {
    roles.push_back(role_of(entry, rules[entry.pattern]));
  }
  CHECK(roles == std::vector<std::optional<Role>>{Role::token_embedding, Role::other, Role::ffn_up,
                                                  Role::ffn_down, std::nullopt, std::nullopt,
                                                  Role::bias});
}

TEST_CASE("comments, blank lines and carriage returns mean nothing") {
  auto family = NamingFamily::parse(
      "// mine\r\nfamily mine // yes\n\n types a b\ntypes c\r\ntoken_embedding emb\nffn_up l.#.up\n"
      "\tffn_down l.#.down //transposed",
      "my.rules");
  REQUIRE(family);
  CHECK(family->name() == "mine");
  CHECK(family->covers("c"));
  CHECK_FALSE(family->covers("d"));
  CHECK_FALSE(family->find("l.#.down")->transposed);
}

TEST_CASE("a fault in a rules file is reported with its line") {
  CHECK(error_of(with_line("ffn_gat l.#.g")) == "my.rules line 5: unknown word 'ffn_gat'");
  CHECK(error_of(with_line("ffn_gate l.#.up")) == "my.rules line 5: 'l.#.up' has a rule already");
  CHECK(error_of(with_line("ffn_gate l.#.g transpose")) ==
        "my.rules line 5: 'transpose' is not a flag of ffn_gate");
  CHECK(error_of(with_line("ffn_gate l.#.g one_plus")) ==
        "my.rules line 5: 'one_plus' is not a flag of ffn_gate");
  CHECK(error_of(with_line("ffn_norm n stacked")) ==
        "my.rules line 5: 'stacked' is not a flag of ffn_norm");
  CHECK(error_of(with_line("ffn_norm n")) == "my.rules line 5: 'n' needs one '#', the layer");
  CHECK(error_of(with_line("ffn_gate g")) ==
        "my.rules line 5: 'g' needs one '#', the layer, or two, layer and expert");
  CHECK(error_of(with_line("ffn_gate l.#.e.#.g stacked")) ==
        "my.rules line 5: 'l.#.e.#.g' needs one '#', the layer");
  CHECK(error_of(with_line("ffn_gate g all_layers by_order")) ==
        "my.rules line 5: 'g' has 'all_layers' and 'by_order'");
  CHECK(error_of(with_line("ffn_gate l.#.g all_layers")) ==
        "my.rules line 5: 'l.#.g' holds a '#' beside 'all_layers' or 'by_order'");
  CHECK(error_of(with_line("norm n by_order")) ==
        "my.rules line 5: 'by_order' is not a flag of norm");
  CHECK(error_of(with_line("separators #")) == "my.rules line 5: '#' is not a separator");
  CHECK(error_of(with_line("prefix")) == "my.rules line 5: 'prefix' needs one text");
  CHECK(error_of(with_line("token_embedding e.#")) == "my.rules line 5: 'e.#' holds a number");
  CHECK(error_of(with_line("family two")) == "my.rules line 5: a second 'family'");
  CHECK(error_of(with_line("types")) == "my.rules line 5: 'types' needs at least one model_type");
  CHECK(error_of(with_line("norm")) == "my.rules line 5: 'norm' needs a pattern");
  CHECK(error_of(with_line("\x1b[2J")) == "my.rules line 5: unknown word '\\x1b[2J'");
}

TEST_CASE("separators and prefixes of a family leave its names") {
  const Spelling spelling{.separators = "/_", .prefixes = {"foo.bar.", "foo."}};
  CHECK(canonical_name("foo/bar_layers_3_up/weight", spelling).pattern == "layers.#.up");
  CHECK(canonical_name("foo.layers.3.up.bias", spelling).is_bias);
  CHECK(canonical_name("foo.bar.", spelling).pattern == "bar.");
  const auto family = NamingFamily::parse(with_line("separators / _\nprefix a.\nprefix b."), "");
  REQUIRE(family);
  CHECK(family->spelling().separators == "/_");
  CHECK(family->spelling().prefixes == std::vector<std::string>{"a.", "b."});
}

TEST_CASE("a fault in a pattern is reported with its line") {
  CHECK(error_of(with_line("norm a.{b")) == "my.rules line 5: pattern 'a.{b': braces do not match");
  CHECK(error_of(with_line("norm a.b}")) == "my.rules line 5: pattern 'a.b}': braces do not match");
  CHECK(error_of(with_line("norm {a{b}}")) ==
        "my.rules line 5: pattern '{a{b}}': braces do not match");
  CHECK(error_of(with_line("norm a..b")) ==
        "my.rules line 5: pattern 'a..b': has an empty segment");
  CHECK(error_of(with_line("norm layers.10.b")) ==
        "my.rules line 5: pattern 'layers.10.b': write '#' for a number");
  for (const char* pattern : {"layers.0.b.#", "layers.0.b.1"}) {
    CHECK(error_of(with_line(cat("norm ", pattern))) ==
          cat("my.rules line 5: pattern '", pattern, "': only the last number may be a digit"));
  }
  CHECK(error_of(with_line("norm layer#")) ==
        "my.rules line 5: pattern 'layer#': a '#' stands for a whole segment");
  CHECK(error_of(with_line("norm {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")) ==
        "my.rules line 5: pattern '{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}': too many choices");
  CHECK(error_of(with_line("norm " + std::string(300, 'x'))).ends_with("': too long"));
}

TEST_CASE("a family needs a name, an embedding and both sides of the FFN") {
  CHECK(error_of("") == "my.rules: no 'family' line");
  CHECK(error_of("family a\nffn_up l.#.u\nffn_down l.#.d\n") ==
        "my.rules: no rule for token_embedding");
  CHECK(error_of("family a\ntoken_embedding e\nffn_down l.#.d\n") ==
        "my.rules: no rule for ffn_up or ffn_gate_up");
  CHECK(error_of("family a\ntoken_embedding e\nffn_up l.#.u\n") ==
        "my.rules: no rule for ffn_down");
}
