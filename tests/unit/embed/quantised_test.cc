// Weights that can be read but not marked: quantised ones, and units of two types.
#include <catch2/catch.hpp>

#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

using namespace wmk;
using namespace wmk::test;
using Catch::Matchers::Contains;

namespace {

const char* const kDown = "model.layers.1.mlp.down_proj.weight";

// A tiny model; tests change one matrix and write it again.
struct OddModel {
  Scratch scratch;
  std::vector<StoredTensor> tensors = tiny_tensors("llama");

  OddModel() {
    std::filesystem::create_directory(scratch / "model");
    write_tiny_model(scratch / "model", "llama");
  }
  StoredTensor& down() { return tensor_named(tensors, kDown); }
  MarkableModel written() const {
    write_safetensors(scratch / "model" / "model.safetensors", tensors);
    return open_model(scratch / "model");
  }
};

}  // namespace

TEST_CASE("a checkpoint with one quantised FFN matrix is read and not marked", "[bad-input]") {
  OddModel odd;
  StoredTensor& down = odd.down();
  down.dtype = checkpoint::DType::f8_e4m3;
  down.data.resize(down.data.size() / 2);
  odd.tensors.push_back(stored("model.layers.1.mlp.down_proj.weight_scale_inv",
                               checkpoint::DType::f32, {1, 1}, {0.5f}));
  const MarkableModel model = odd.written();
  CHECK(model.checkpoint.quantisation() == "FP8, one scale (1 tensor)");
  const auto refused = try_mark(model, test_key("owner"), odd.scratch / "marked", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::unsupported);
  CHECK_THAT(refused.error().message(), Contains("model.layers.1.mlp.down_proj.weight") &&
                                            Contains("FP8") &&
                                            Contains("can be read but not marked"));
  CHECK(refused.error().hint() == "mark the checkpoint before quantising it");
  CHECK_FALSE(std::filesystem::exists(odd.scratch / "marked"));
}

TEST_CASE("units whose matrices are of two types are not marked", "[bad-input]") {
  OddModel odd;
  StoredTensor& down = odd.down();
  REQUIRE(down.dtype != checkpoint::DType::f32);
  down.dtype = checkpoint::DType::f32;
  down.data.assign(2 * down.data.size(), std::byte{1});
  const auto refused = try_mark(odd.written(), test_key("owner"), odd.scratch / "marked", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::unsupported);
  CHECK_THAT(refused.error().message(),
             Contains("model.layers.1.mlp.down_proj.weight") && Contains("have different types"));
  CHECK_THAT(refused.error().hint(), Contains("convert the checkpoint to one type"));
  CHECK_FALSE(std::filesystem::exists(odd.scratch / "marked"));
}
