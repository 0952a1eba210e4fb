// Folders of Megatron-LM and of vLLM.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/checkpoint/distributed/tiny_distributed.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/checkpoint/torch/tiny_torch.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::pickle_text;
using test::Scratch;
using test::TinyTensor;

constexpr const char* kRankFile = "model_optim_rng.pt";

// What Megatron saves: options and random states beside the model.
std::string megatron_file(const std::vector<TinyTensor>& tensors, size_t floats,
                          const std::string& more = {}, const std::string& key = "model") {
  const std::string dict = test::pickle_dict(tensors);
  const std::string pickle = "\x80\x02}" + pickle_text("args") + "cargparse\nNamespace\n)\x81}(" +
                             pickle_text("lr") + "G" + std::string(8, '\0') +
                             pickle_text("position") +
                             "cmegatron.core.enums\nModelType\nK\x01\x85Rubs" + more +
                             pickle_text(key) + dict.substr(2, dict.size() - 3) + "s.";
  return test::zip_of({{"archive/data.pkl", pickle},
                       {"archive/byteorder", "little"},
                       {"archive/data/0", test::tiny_floats(floats)},
                       {"archive/version", "3\n"}});
}

// One layer of one rank: fc1 has four rows of width 2, fc2 two columns.
std::string rank_of_layer(int64_t layer, const std::vector<TinyTensor>& more = {}) {
  const std::string mlp = cat("decoder.layers.", layer, ".mlp.");
  std::vector<TinyTensor> tensors = {
      {.name = mlp + "linear_fc1.weight", .shape = {4, 2}, .strides = {2, 1}, .count = 16},
      {.name = mlp + "linear_fc2.weight",
       .shape = {2, 2},
       .strides = {2, 1},
       .offset = 8,
       .count = 16},
      {.name = mlp + "linear_fc1.layer_norm_weight",
       .shape = {2},
       .strides = {1},
       .offset = 12,
       .count = 16}};
  tensors.insert(tensors.end(), more.begin(), more.end());
  return megatron_file(tensors, 16);
}

TinyTensor words() {
  return {
      .name = "embedding.word_embeddings.weight", .shape = {2, 2}, .strides = {2, 1}, .count = 16};
}

Checkpoint opened_ranks(const std::filesystem::path& path, std::string_view format) {
  auto checkpoint = Checkpoint::open(path);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(checkpoint->format() == format);
  CHECK(!check_markable(*checkpoint));
  return std::move(*checkpoint);
}

std::string ranks_refusal(const Scratch& scratch) {
  const auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(!checkpoint);
  return checkpoint.error().message();
}

std::vector<float> joined_values(const Checkpoint& checkpoint, std::string_view name) {
  const Tensor* tensor = checkpoint.find(name);
  REQUIRE(tensor != nullptr);
  std::vector<float> out(tensor->elements());
  REQUIRE(checkpoint.read(*tensor, 0, std::as_writable_bytes(std::span(out))));
  return out;
}

}  // namespace

TEST_CASE("ranks and stages of Megatron are one model") {
  Scratch scratch;
  scratch.put("latest_checkpointed_iteration.txt", "12\n");
  for (const char* rank : {"00", "01"}) {
    scratch.put(cat("iter_0000012/mp_rank_", rank, "_000/", kRankFile),
                rank_of_layer(0, {words()}));
    scratch.put(cat("iter_0000012/mp_rank_", rank, "_001/", kRankFile), rank_of_layer(0));
  }
  for (const auto& path : {scratch.folder(), scratch / "iter_0000012"}) {
    const Checkpoint checkpoint = opened_ranks(path, "Megatron");
    CHECK(checkpoint.tensors().size() == 7);
    CHECK(checkpoint.notes().empty());
    CHECK(other_weight_sets(checkpoint).empty());
    for (const char* layer : {"0", "1"}) {
      const std::string mlp = cat("decoder.layers.", layer, ".mlp.");
      CHECK(joined_values(checkpoint, mlp + "linear_fc1.weight") ==
            std::vector<float>{0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7});
      CHECK(joined_values(checkpoint, mlp + "linear_fc2.weight") ==
            std::vector<float>{8, 9, 8, 9, 10, 11, 10, 11});
      CHECK(joined_values(checkpoint, mlp + "linear_fc1.layer_norm_weight") ==
            std::vector<float>{12, 13});
    }
    CHECK(checkpoint.find("embedding.word_embeddings.weight")->shape ==
          std::vector<uint64_t>{4, 2});
  }
}

TEST_CASE("the iteration of Megatron may be a distributed checkpoint") {
  Scratch scratch;
  scratch.put("latest_checkpointed_iteration.txt", "release");
  const auto made =
      test::tiny_distributed({{.shape = {2}, .chunks = {{{0}, {2}, test::saved_tensor({2}, 0)}}}});
  scratch.put("release/.metadata", made.metadata);
  scratch.put("release/common.pt", "options");
  scratch.put("release/" + made.files[0].first, made.files[0].second);
  CHECK(opened_ranks(scratch.folder(), "PyTorch distributed").tensors().size() == 1);
  CHECK(opened_ranks(scratch / "release", "PyTorch distributed").tensors().size() == 1);
}

TEST_CASE("what transformers would open is read before models in parts") {
  Scratch scratch;
  scratch.put(cat("mp_rank_00/", kRankFile), rank_of_layer(0));
  const auto made =
      test::tiny_distributed({{.shape = {2}, .chunks = {{{0}, {2}, test::saved_tensor({2}, 0)}}}});
  scratch.put(".metadata", made.metadata);
  scratch.put(made.files[0].first, made.files[0].second);
  scratch.put("pytorch_model.bin", test::tiny_torch({{}}));
  const auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(checkpoint);
  CHECK(checkpoint->format() == "PyTorch");
}

TEST_CASE("a checkpoint of Megatron that is not complete or not known is refused", "[bad-input]") {
  const auto refusal = [](const std::vector<std::pair<std::string, std::string>>& files) {
    Scratch scratch;
    for (const auto& [name, content] : files) scratch.put(name, content);
    std::string message = ranks_refusal(scratch);
    const size_t folder = message.find(scratch.folder().string());
    return folder == 0 ? message.substr(scratch.folder().string().size() + 2) : message;
  };
  const std::string rank = rank_of_layer(0), file = std::string("/") + kRankFile;
  CHECK(refusal({{"mp_rank_00" + file, rank}, {"mp_rank_02" + file, rank}}) ==
        "there is no folder of rank 1 of stage 0");
  CHECK(refusal({{"mp_rank_00" + file, rank}, {"mp_rank_0" + file, rank}})
            .ends_with("is the second folder of one rank"));
  CHECK(refusal({{"mp_rank_00/other.pt", rank}}) == "mp_rank_00: has no model_optim_rng.pt");
  CHECK(refusal({{"mp_rank_00_000_001" + file, rank}})
            .starts_with("mp_rank_00_000_001: experts are divided among ranks"));
  CHECK(refusal({{"mp_rank_00" + file, rank}, {"mp_rank_01" + file, rank_of_layer(1)}}) ==
        "tensor 'decoder.layers.0.mlp.linear_fc1.layer_norm_weight': rank 1 has no part of it");
  CHECK(refusal({{"mp_rank_999999999" + file, rank}}) == "more than 1024 ranks");
  CHECK(refusal({{"mp_rank_00" + file, megatron_file({{}}, 6, {}, "model0")}}) ==
        cat("mp_rank_00", file, ": has several stages of an interleaved pipeline"));
  CHECK(refusal({{"mp_rank_00" + file, megatron_file({{}}, 6, {}, "language_model")}}) ==
        cat("mp_rank_00", file, ": is of Megatron-LM before Megatron Core"));
  const std::string call = pickle_text("x") + "cposix\nsystem\n(" + pickle_text("true") + "tRs";
  CHECK(refusal({{"mp_rank_00" + file, megatron_file({{}}, 6, call)}}).find("'posix.system'") !=
        std::string::npos);
}

TEST_CASE("what Megatron saves beside its model is not read as a state dict elsewhere",
          "[bad-input]") {
  Scratch scratch;
  const auto checkpoint = Checkpoint::open(scratch.put("model.pt", rank_of_layer(0)));
  REQUIRE(!checkpoint);
  CHECK(checkpoint.error().message().find("'argparse.Namespace' is not part of a state dict") !=
        std::string::npos);
}

TEST_CASE("the parts of vLLM's ranks are one model") {
  Scratch scratch;
  const auto name = [](int rank, int part) {
    return cat("model-rank-", rank, "-part-", part, ".safetensors");
  };
  scratch.put(name(0, 0), test::tiny_file({{"model.norm.weight", "ab"}}));
  scratch.put(name(0, 1), test::tiny_file({{"model.x.bias", "cd"}}));
  scratch.put(name(1, 0), test::tiny_file({{"model.norm.weight", "ab"}, {"model.x.bias", "cd"}}));
  const Checkpoint checkpoint = opened_ranks(scratch.folder(), "vLLM");
  CHECK(checkpoint.tensors().size() == 2);
  CHECK(other_weight_sets(checkpoint).empty());
  scratch.put(name(3, 0), test::tiny_file({{"model.norm.weight", "ab"}}));
  CHECK(ranks_refusal(scratch).ends_with("has files of 3 of 4 ranks"));
  scratch.put("model.safetensors", test::tiny_file({{"w", "ab"}}));
  const auto whole = Checkpoint::open(scratch.folder());
  REQUIRE(whole);
  CHECK(whole->format() == "safetensors");
}

}  // namespace wmk::checkpoint
