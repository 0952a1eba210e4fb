// Rules that say which matrix or norm of attention a tensor is (specs/naming.md 1).
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "checkpoint/naming/naming.h"

namespace wmk::checkpoint {
namespace {

Result<NamingFamily> parsed(const std::string& line) {
  return NamingFamily::parse(
      "family mine\ntoken_embedding emb\nffn_up l.#.up\nffn_down l.#.down\n" + line + "\n",
      "my.rules");
}

AttentionPart part_of(const NamingFamily& family, const char* pattern) {
  const Rule* rule = family.find(pattern);
  REQUIRE(rule);
  return rule->attention;
}

TEST_CASE("parts of attention are flags, one for all patterns or one for each") {
  auto family = parsed("attention l.#.{q,k,v,o} query key value out\nattention l.#.{x,y}.# qkv");
  REQUIRE(family);
  CHECK(part_of(*family, "l.#.q") == AttentionPart::query);
  CHECK(part_of(*family, "l.#.k") == AttentionPart::key);
  CHECK(part_of(*family, "l.#.v") == AttentionPart::value);
  CHECK(part_of(*family, "l.#.o") == AttentionPart::out);
  CHECK(part_of(*family, "l.#.x.#") == AttentionPart::qkv);
  CHECK(part_of(*family, "l.#.y.#") == AttentionPart::qkv);
  CHECK(part_of(*family, "l.#.up") == AttentionPart::none);
  family = parsed(
      "attention l.#.w qkv by_group transposed gate_first\nattention l.#.{a,b,c} "
      "latent_down latent_up value_up");
  REQUIRE(family);
  const Rule& fused = *family->find("l.#.w");
  CHECK((fused.by_group && fused.transposed && fused.gate_first));
  family = parsed(
      "attention l.#.w qkv quarters\nattention l.#.{a,b} key_value out stacked\n"
      "attention l.#.{c,d,e,f} value second_value query_down query_up");
  REQUIRE(family);
  CHECK(family->find("l.#.w")->quarters);
  CHECK(family->find("l.#.b")->stacked);
  CHECK(part_of(*family, "l.#.a") == AttentionPart::key_value);
  CHECK(part_of(*family, "l.#.d") == AttentionPart::second_value);
  CHECK(part_of(*family, "l.#.f") == AttentionPart::query_up);
  CHECK_FALSE(parsed("attention l.#.{q,k,v} query key"));
  CHECK_FALSE(parsed("attention q query"));  // of which layer?
  CHECK_FALSE(parsed("attention l.#.a.#.b.# query"));
  CHECK_FALSE(parsed("router l.#.q query"));
}

TEST_CASE("norms of attention are flags of norms") {
  auto family = parsed(
      "norm l.#.{a,b} before_attention after_attention one_plus\n"
      "norm l.#.{c,e} of_latent of_query\nffn_norm l.#.d before_attention");
  REQUIRE(family);
  CHECK(part_of(*family, "l.#.a") == AttentionPart::norm);
  CHECK(part_of(*family, "l.#.b") == AttentionPart::post_norm);
  CHECK(family->find("l.#.b")->one_plus);
  CHECK(part_of(*family, "l.#.c") == AttentionPart::latent_norm);
  CHECK(part_of(*family, "l.#.e") == AttentionPart::query_norm);
  CHECK(part_of(*family, "l.#.d") == AttentionPart::norm);
  CHECK(family->find("l.#.d")->role == Role::ffn_norm);
  for (const char* line :
       {"norm l.#.a value", "attention l.#.a before_attention", "ffn_norm l.#.a of_latent",
        "ffn_post_norm l.#.a before_attention", "norm l.#.a by_group"}) {
    INFO(line);
    CHECK_FALSE(parsed(line));
  }
}

TEST_CASE("a family may say why its heads are not read") {
  CHECK(parsed("no_heads values pass  a gate")->no_heads() == "values pass a gate");
  CHECK(parsed("")->no_heads().empty());
  CHECK_FALSE(parsed("no_heads"));
  CHECK_FALSE(parsed("no_heads a\nno_heads b"));
}

TEST_CASE("every shipped family says where its heads are, or has none that are read") {
  const std::vector<std::string> without = {"deepseek_v4", "rwkv", "zamba"};
  for (const NamingFamily& family : families()) {
    bool has_value = false, has_out = false;
    for (const std::string_view pattern : family.patterns()) {
      const AttentionPart part = family.find(pattern)->attention;
      has_value |= part == AttentionPart::value || part == AttentionPart::qkv ||
                   part == AttentionPart::key_value;
      has_out |= part == AttentionPart::out;
    }
    const bool is_without =
        std::find(without.begin(), without.end(), family.name()) != without.end();
    INFO(family.name());
    CHECK(has_value == !is_without);
    CHECK(has_out == !is_without);
    CHECK(family.no_heads().empty() != (is_without && family.name() != "rwkv"));
  }
}

}  // namespace
}  // namespace wmk::checkpoint
