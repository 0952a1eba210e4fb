// Folders and indexes of PyTorch files.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/checkpoint/torch/tiny_torch.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::tiny_torch;
using wmk::test::Scratch;

constexpr std::string_view kTorchIndex = "pytorch_model.bin.index.json";

Checkpoint opened_torch(const std::filesystem::path& path) {
  auto checkpoint = Checkpoint::open(path);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(checkpoint->format() == "PyTorch");
  return std::move(*checkpoint);
}

std::string torch_refusal(const std::filesystem::path& path) {
  const auto checkpoint = Checkpoint::open(path);
  REQUIRE(!checkpoint);
  return checkpoint.error().message();
}

void put_torch_shards(const Scratch& scratch) {
  scratch.put("pytorch_model-00001-of-00002.bin", tiny_torch({{.name = "a"}, {.name = "b"}}));
  scratch.put("pytorch_model-00002-of-00002.bin", tiny_torch({{.name = "c"}}));
  scratch.put(kTorchIndex, R"({"metadata": {"total_size": 72}, "weight_map": {
    "c": "pytorch_model-00002-of-00002.bin", "a": "pytorch_model-00001-of-00002.bin",
    "b": "pytorch_model-00001-of-00002.bin"}})");
}

}  // namespace

TEST_CASE("an index joins PyTorch shards") {
  Scratch scratch;
  put_torch_shards(scratch);
  for (const auto& path : {scratch.folder(), scratch / kTorchIndex}) {
    const Checkpoint checkpoint = opened_torch(path);
    CHECK(checkpoint.tensors().size() == 3);
    CHECK(checkpoint.find("c")->file == 1);
    CHECK(!checkpoint.is_single_file());
    // Shared storages are the only note: total_size is right.
    CHECK(checkpoint.notes().size() == 1);
  }
}

TEST_CASE("an index and its PyTorch shards agree in both directions", "[bad-input]") {
  Scratch scratch;
  put_torch_shards(scratch);
  scratch.put("pytorch_model-00002-of-00002.bin", tiny_torch({{.name = "d"}}));
  CHECK(torch_refusal(scratch.folder()) ==
        "pytorch_model.bin.index.json: tensor 'c': the index maps it to "
        "pytorch_model-00002-of-00002.bin, which does not contain it");
  scratch.put(kTorchIndex, R"({"weight_map": {"a": "../x.bin"}})");
  CHECK(torch_refusal(scratch.folder()).find("is not the name of a file") != std::string::npos);
  scratch.put(kTorchIndex, R"({"weight_map": {"a": "x.safetensors"}})");
  CHECK(torch_refusal(scratch.folder()).find("is not a *.bin file") != std::string::npos);
}

TEST_CASE("in a folder pytorch_model.bin is the model, training state is not") {
  Scratch scratch;
  scratch.put("training_args.bin", "not even read");
  scratch.put("optimizer.pt", "not even read");
  scratch.put("pytorch_model.bin", tiny_torch({{}}));
  CHECK(opened_torch(scratch.folder()).files().size() == 1);
  scratch.put("pytorch_model.old.bin", "not even read");
  const Checkpoint checkpoint = opened_torch(scratch.folder());
  REQUIRE(checkpoint.notes().size() == 1);
  CHECK(checkpoint.notes()[0] == "weights file 'pytorch_model.old.bin' is not part of the model");
}

TEST_CASE("safetensors are preferred to PyTorch files in one folder") {
  Scratch scratch;
  scratch.put("pytorch_model.bin", tiny_torch({{}}));
  scratch.put("model.safetensors", test::tiny_file({{"x", "1"}}));
  const auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(checkpoint);
  CHECK(checkpoint->format() == "safetensors");
}

TEST_CASE("Meta's own file is read alone, and its slices are not joined") {
  Scratch scratch;
  scratch.put("consolidated.00.pth", tiny_torch({{}}));
  CHECK(opened_torch(scratch.folder()).tensors().size() == 1);
  scratch.put("consolidated.01.pth", tiny_torch({{}}));
  CHECK(torch_refusal(scratch.folder()).find("slices of one model") != std::string::npos);
}

TEST_CASE("the only PyTorch file of a folder is read, and of several one must be named") {
  Scratch scratch;
  scratch.put("weights.pt", tiny_torch({{}}));
  CHECK(opened_torch(scratch.folder()).tensors().size() == 1);
  scratch.put("more.pt", tiny_torch({{}}));
  CHECK(torch_refusal(scratch.folder()).find("has 2 PyTorch files: 'more.pt', 'weights.pt'") !=
        std::string::npos);
}

TEST_CASE("a PyTorch archive is known by its first bytes, whatever its name") {
  Scratch scratch;
  CHECK(opened_torch(scratch.put("unnamed", tiny_torch({{}}))).tensors().size() == 1);
  CHECK(opened_torch(scratch.put("renamed.safetensors", tiny_torch({{}}))).tensors().size() == 1);
}

TEST_CASE("a PyTorch file that is a link out of the folder is refused", "[bad-input]") {
  Scratch scratch, elsewhere;
  elsewhere.put("w.bin", tiny_torch({{}}));
  std::filesystem::create_symlink(elsewhere / "w.bin", scratch / "pytorch_model.bin");
  CHECK(torch_refusal(scratch.folder()) ==
        "pytorch_model.bin: is a link that leads out of the folder");
}

TEST_CASE("a dictionary of modules is read with their names joined") {
  // {"x": {"W_q": tensor, "nbits": 4, "inner": {"w": tensor, "far": {"w": tensor}}}, "y": {"w":
  // ..}}
  const auto named = [](const std::string& name) {
    return test::pickle_text(name) + test::pickle_tensor({.name = name});
  };
  const std::string far = "}" + named("w") + "s";
  const std::string inner = "}" + named("w") + "s" + test::pickle_text("far") + far + "s";
  const std::string module = "}" + named("W_q") + "s" + test::pickle_text("nbits") +
                             test::pickle_number(4) + "s" + test::pickle_text("inner") + inner +
                             "s";
  const std::string pickle = "\x80\x02}" + test::pickle_text("x") + module + "s" +
                             test::pickle_text("y") + "}" + named("w") + "ss.";
  Scratch scratch;
  const auto path = scratch.put("qmodel.pt", test::zip_of({{"archive/data.pkl", pickle},
                                                           {"archive/data/0", test::tiny_floats(6)},
                                                           {"archive/version", "3\n"}}));
  scratch.put("other.pt", "training state");
  const auto checkpoint = Checkpoint::open(scratch.folder());
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(checkpoint->tensors().size() == 3);
  for (const char* name : {"x.W_q", "x.inner.w", "y.w"}) CHECK(checkpoint->find(name) != nullptr);
  // Without its other parts "x" is not read as HQQ; the reason is kept.
  REQUIRE(checkpoint->refusals().size() == 1);
  CHECK(checkpoint->refusals()[0].second.message().find(".packing") != std::string::npos);
}

}  // namespace wmk::checkpoint
