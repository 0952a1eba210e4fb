// Attention is found if its form is known; else there is a reason
// (checkpoint/attention/attention.h).
#include "checkpoint/attention/attention.h"

#include <catch2/catch.hpp>
#include <functional>
#include <tuple>

#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

// `edit` changes config.json.
Attention attention_of(const std::string& architecture, const std::function<void(Config&)>& edit) {
  test::Scratch scratch;
  test::write_tiny_model(scratch.folder(), architecture, {});
  auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(checkpoint);
  auto config = read_config(*checkpoint);
  REQUIRE(config);
  auto anatomy = make_anatomy(*checkpoint, *config);
  REQUIRE(anatomy);
  edit(*config);
  auto attention = find_attention(*checkpoint, *anatomy, *config);
  REQUIRE(attention);
  return *std::move(attention);
}

// Tiny models have d = 16 and four rows of k and v.
void four_heads(Config& config) {
  config.heads = 4;
  config.kv_heads = 1;
}

TEST_CASE("attention is found, apart or fused, with the norm weight before it") {
  const Attention apart = attention_of("llama", four_heads);
  REQUIRE(apart.layers.size() == 2);
  CHECK(apart.head_size == 4);
  CHECK(apart.layers[0].norm_weight.size() == 16);
  CHECK_FALSE(apart.interleaved);
  CHECK(apart.layers[1].o.coordinate_stride == 16);
  const Attention fused = attention_of("phi3", four_heads);
  REQUIRE(fused.layers.size() == 2);
  CHECK(fused.layers[0].k.first == 16 * 16);
  CHECK(fused.layers[0].v.first == 20 * 16);
}

TEST_CASE("biases of q, k and v are found where they exist") {
  const Attention found = attention_of("qwen2", four_heads);
  REQUIRE(found.layers.size() == 2);
  CHECK(found.layers[1].q_bias.size() == 16);
  CHECK(found.layers[1].k_bias.size() == 4);
  CHECK(found.layers[1].v_bias.size() == 4);
  CHECK(found.layers[0].q_bias != found.layers[1].q_bias);
  CHECK(attention_of("llama", four_heads).layers[0].q_bias.empty());
}

TEST_CASE("head counts that do not match the tensors are replaced by those of the shapes",
          "[bad-input]") {
  for (const auto& [heads, kv_heads, head_size] :
       {std::tuple{0ull, 1ull, 4ull}, std::tuple{4ull, 0ull, 4ull}, std::tuple{4ull, 3ull, 4ull},
        std::tuple{16ull, 4ull, 1ull}, std::tuple{8ull, 2ull, 2ull}, std::tuple{5ull, 1ull, 4ull},
        std::tuple{~0ull, 1ull, ~0ull}, std::tuple{1ull << 33, 1ull << 33, 1ull << 33}}) {
    const Attention found = attention_of("llama", [&](Config& config) {
      config.heads = heads;
      config.kv_heads = kv_heads;
      config.head_size = head_size;
    });
    INFO(heads << " " << kv_heads << " " << head_size);
    REQUIRE(found.layers.size() == 2);
    CHECK(found.heads * found.head_size == 16);
    CHECK(found.kv_heads * found.head_size == 4);
    CHECK(found.head_size == (head_size == 2 ? 2 : 4));
  }
  const auto silent = [](Config& config) {
    config.heads.reset();
    config.head_size = 2;
  };
  CHECK(attention_of("llama", silent).heads == 8);
  CHECK(attention_of("gpt2", four_heads).layers.empty());
}

}  // namespace
}  // namespace wmk::checkpoint
