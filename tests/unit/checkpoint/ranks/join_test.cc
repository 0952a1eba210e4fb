// How the parts of the ranks of tensor parallelism are joined.
#include "checkpoint/ranks/join.h"

#include <catch2/catch.hpp>

#include "checkpoint/ranks/rank_folder.h"
#include "checkpoint/read_rectangle.h"
#include "tests/unit/checkpoint/torch/tiny_torch.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

// Rank r has the floats 100 r, 100 r + 1, ... in this shape.
struct RankFiles {
  test::Scratch scratch;
  std::vector<ReadFile> files;
  std::vector<Tensor> tensors;

  RankFiles(size_t ranks, const std::vector<uint64_t>& shape) {
    for (uint32_t rank = 0; rank < ranks; ++rank) {
      Tensor tensor{.name = "w", .dtype = DType::f32, .shape = shape, .file = rank};
      std::string bytes;
      for (uint64_t i = 0; i < tensor.elements(); ++i) {
        test::put(bytes, static_cast<float>(100 * rank + i));
      }
      tensor.bytes = bytes.size();
      auto file = ReadFile::open(scratch.put("rank" + std::to_string(rank), bytes));
      REQUIRE(file);
      files.push_back(*std::move(file));
      tensors.push_back(std::move(tensor));
    }
  }

  // The first value of each row of the joined tensor; of a vector, its values.
  std::vector<float> rows(Split split, std::optional<QueryKeyValue> attention = std::nullopt) {
    auto joined = join_ranks({"w", tensors, split, attention});
    INFO((joined ? "" : joined.error().message()));
    REQUIRE(joined);
    REQUIRE(*joined);
    const Tensor& tensor = **joined;
    const uint64_t columns = tensor.shape.back(), count = tensor.elements() / columns;
    std::vector<float> values(tensor.elements()), out;
    REQUIRE(read_rectangle(files, tensor, {0, count, 0, columns}, values));
    for (size_t i = 0; i < values.size(); i += count == 1 ? 1 : columns) out.push_back(values[i]);
    return out;
  }
};

std::string join_fault(std::vector<Tensor> ranks, Split split,
                       std::optional<QueryKeyValue> attention = std::nullopt) {
  const auto joined = join_ranks({"w", std::move(ranks), split, attention});
  REQUIRE(!joined);
  return joined.error().message();
}

Tensor shaped(const std::vector<uint64_t>& shape, DType dtype = DType::f32) {
  Tensor out{.name = "w", .dtype = dtype, .shape = shape};
  out.bytes = out.elements() * bits(dtype) / 8;
  return out;
}

}  // namespace

TEST_CASE("names say how tensor parallelism cuts a tensor") {
  CHECK(split_of("decoder.layers.3.mlp.linear_fc1.weight", 2) == Split::gate_up);
  CHECK(split_of("decoder.layers.3.mlp.linear_fc2.weight", 2) == Split::inputs);
  CHECK(split_of("decoder.layers.3.mlp.linear_fc2.bias", 1) == Split::same);
  CHECK(split_of("decoder.layers.3.mlp.linear_fc1.layer_norm_weight", 1) == Split::same);
  CHECK(split_of("decoder.layers.3.self_attention.linear_qkv.bias", 1) == Split::outputs);
  CHECK(split_of("output_layer.weight", 2) == Split::outputs);
  CHECK(split_of("model.embed_tokens.weight", 2) == Split::outputs);
  CHECK(split_of("model.layers.0.self_attn.qkv_proj.weight", 2) == Split::query_key_value);
  CHECK(split_of("model.layers.0.mlp.down_proj.weight", 2) == Split::inputs);
  CHECK(split_of("model.norm.weight", 1) == Split::same);
  CHECK(split_of("model.layers.0.mlp.mydown_proj.weight", 2) == Split::unknown);
  CHECK(split_of("model.layers.0.mlp.experts.w13_weight", 3) == Split::unknown);
}

TEST_CASE("rows and columns of ranks are put together") {
  CHECK(RankFiles(2, {2, 3}).rows(Split::outputs) == std::vector<float>{0, 3, 100, 103});
  CHECK(RankFiles(2, {3}).rows(Split::outputs) == std::vector<float>{0, 1, 2, 100, 101, 102});
  CHECK(RankFiles(2, {1, 2}).rows(Split::inputs) == std::vector<float>{0, 1, 100, 101});
  CHECK(RankFiles(2, {4, 2}).rows(Split::gate_up) ==
        std::vector<float>{0, 2, 100, 102, 4, 6, 104, 106});
  CHECK(RankFiles(2, {4}).rows(Split::gate_up) ==
        std::vector<float>{0, 1, 100, 101, 2, 3, 102, 103});
  CHECK(RankFiles(2, {2, 3}).rows(Split::same) == std::vector<float>{0, 3});
}

TEST_CASE("rows of q, k and v are put together by the heads of each rank") {
  // 4 heads and 2 key/value heads of one row each: q q k v on each of two ranks.
  CHECK(RankFiles(2, {4, 2}).rows(Split::query_key_value, QueryKeyValue{4, 2}) ==
        std::vector<float>{0, 2, 100, 102, 4, 104, 6, 106});
  // On four ranks two of them have the same key/value head.
  CHECK(RankFiles(4, {3, 1}).rows(Split::query_key_value, QueryKeyValue{4, 2}) ==
        std::vector<float>{0, 100, 200, 300, 1, 201, 2, 202});
}

TEST_CASE("tensors whose cut is not known are left out") {
  const std::vector<Tensor> ranks(2, shaped({4, 2}));
  for (const auto& parts : {RankTensors{"w", ranks, Split::unknown, {}},
                            RankTensors{"w", ranks, Split::query_key_value, {}}}) {
    const auto joined = join_ranks(RankTensors(parts));
    REQUIRE(joined);
    CHECK(!*joined);
  }
}

TEST_CASE("parts of ranks that do not fit are refused", "[bad-input]") {
  CHECK(join_fault({shaped({2, 3}), shaped({2, 4})}, Split::outputs)
            .starts_with("has the shape [2, 3] on one rank and [2, 4] on another"));
  CHECK(join_fault({shaped({2, 3}), shaped({3, 3})}, Split::same)
            .starts_with("has the shape [2, 3] on one rank"));
  CHECK(join_fault({shaped({2, 3}), shaped({2, 3}, DType::i32)}, Split::inputs)
            .ends_with("or another type"));
  CHECK(join_fault({shaped({3, 3}), shaped({3, 3})}, Split::gate_up) ==
        "has an odd number of gate and up rows");
  CHECK(join_fault({shaped({2, 3}, DType::i32), shaped({2, 3}, DType::i32)}, Split::outputs) ==
        "pieces of type I32 are not joined");
  const std::vector<Tensor> ranks(2, shaped({4, 2}));
  for (const QueryKeyValue heads : {QueryKeyValue{3, 1}, {4, 3}, {0, 0}, {4, 0}, {UINT64_MAX, 2}}) {
    const auto joined = join_ranks({"w", ranks, Split::query_key_value, heads});
    CHECK(!joined);
  }
  const std::vector<Tensor> large(2, shaped({uint64_t{1} << 60, 4}));
  CHECK(join_fault(large, Split::outputs) == "its size overflows");
}

TEST_CASE("folders of Megatron name their rank") {
  CHECK(parse_megatron_rank("mp_rank_03") == MegatronRank{3, 0, 0});
  CHECK(parse_megatron_rank("mp_rank_03_012") == MegatronRank{3, 12, 0});
  CHECK(parse_megatron_rank("mp_rank_03_012_001") == MegatronRank{3, 12, 1});
  for (const char* name : {"mp_rank_", "mp_rank_a", "mp_rank_1_", "mp_rank_1_2_3_4", "rank_01",
                           "mp_rank_9999999999"}) {
    CHECK(!parse_megatron_rank(name));
  }
}

}  // namespace wmk::checkpoint
