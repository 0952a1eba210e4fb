#include "checkpoint/weight_sets.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/model_folder.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::must;
using test::Scratch;
using Strings = std::vector<std::string>;

void put_weights(const std::filesystem::path& file, const std::string& tensor) {
  std::filesystem::create_directories(file.parent_path());
  test::write_safetensors(file, {test::stored(tensor, DType::f32, {2}, {1, 2})});
}

Strings set_words(const Scratch& scratch) {
  Strings out;
  for (const WeightSet& set : weight_sets(scratch.folder())) out.push_back(set.words);
  return out;
}

}  // namespace

TEST_CASE("every set of weights in a folder is listed, in the order of transformers") {
  Scratch scratch;
  CHECK(set_words(scratch).empty());
  put_weights(scratch / "model.safetensors", "a");
  put_weights(scratch / "part-00001-of-00002.safetensors", "b");
  put_weights(scratch / "part-00002-of-00002.safetensors", "c");
  put_weights(scratch / "model.fp16.safetensors", "d");
  put_weights(scratch / "listed.safetensors", "e");
  put_weights(scratch / "sub/model.safetensors", "f");
  scratch.put("decoy.safetensors.index.json", R"({"weight_map": {"e": "listed.safetensors"}})");
  scratch.put("x.gguf", "GGUF");
  scratch.put("m-00001-of-00002.gguf", "GGUF");
  scratch.put("m-00002-of-00002.gguf", "GGUF");
  scratch.put("pytorch_model.bin", "PK\x03\x04");
  scratch.put("training_args.bin", "words");
  CHECK(set_words(scratch) ==
        Strings{"weights of 'model.safetensors'", "weights of 'decoy.safetensors.index.json'",
                "weights of 'part-00001-of-00002.safetensors' and 1 more",
                "weights of 'model.fp16.safetensors'", "weights of 'pytorch_model.bin'",
                "weights of 'm-00001-of-00002.gguf'", "weights of 'x.gguf'",
                "weights of 'sub/model.safetensors'"});
  Strings tensors;
  for (const WeightSet& set : weight_sets(scratch.folder())) {
    const auto opened = Checkpoint::open(set.path, set.options);
    if (!opened) continue;
    for (const Tensor& tensor : opened->tensors()) tensors.push_back(tensor.name);
    if (tensors.back() == "f") CHECK(opened->folder() == scratch.folder());
  }
  CHECK(tensors == Strings{"a", "e", "b", "c", "d", "f"});
}

TEST_CASE("files without an index are a set together, and each alone") {
  Scratch scratch;
  put_weights(scratch / "a.safetensors", "a");
  put_weights(scratch / "b.safetensors", "b");
  CHECK(set_words(scratch) == Strings{"weights of 'a.safetensors' and 1 more",
                                      "weights of 'a.safetensors'", "weights of 'b.safetensors'"});
  const auto sets = weight_sets(scratch.folder());
  CHECK(must(Checkpoint::open(sets[0].path, sets[0].options)).tensors().size() == 2);
}

TEST_CASE("links of Hugging Face's cache are followed within one model, and no others",
          "[bad-input]") {
  Scratch scratch;
  put_weights(scratch / "models--a--b/blobs/0123", "a");
  put_weights(scratch / "models--a--c/blobs/4567", "c");
  put_weights(scratch / "other/secret.safetensors", "s");
  const auto snapshot = scratch / "models--a--b/snapshots/9999";
  std::filesystem::create_directories(snapshot);
  std::filesystem::create_symlink("../../blobs/0123", snapshot / "model.safetensors");
  CHECK(must(Checkpoint::open(snapshot)).tensors()[0].name == "a");
  CHECK(check_readable(snapshot, snapshot / "model.safetensors"));
  CHECK(!check_inside(snapshot, snapshot / "model.safetensors"));
  for (const char* const target : {"../../../models--a--c/blobs/4567",
                                   "../../../other/secret.safetensors", "../../blobs/none"}) {
    CAPTURE(target);
    std::filesystem::remove(snapshot / "model.safetensors");
    std::filesystem::create_symlink(target, snapshot / "model.safetensors");
    CHECK(!Checkpoint::open(snapshot));
    CHECK(weight_sets(snapshot).empty());
  }
  // The same layout under another name is not the cache.
  std::filesystem::rename(scratch / "models--a--b", scratch / "model");
  const auto elsewhere = scratch / "model/snapshots/9999";
  std::filesystem::remove(elsewhere / "model.safetensors");
  std::filesystem::create_symlink("../../blobs/0123", elsewhere / "model.safetensors");
  CHECK(!Checkpoint::open(elsewhere));
}

}  // namespace wmk::checkpoint
