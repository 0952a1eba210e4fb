// Which weights of a folder are opened, and which others are there.
#include "checkpoint/weight_sets.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint::weight_sets_test {
namespace {

namespace fs = std::filesystem;
using test::tiny_file;
using wmk::test::Scratch;
using Words = std::vector<std::string>;

constexpr const char* kIndex = "model.safetensors.index.json";

std::string index_of(const std::string& file, const std::string& tensor) {
  return cat(R"({"metadata": {}, "weight_map": {")", tensor, R"(": ")", file, R"("}})");
}

std::string file_of(const std::string& tensor) { return tiny_file({{tensor, "1"}}); }

Words words_of(const std::vector<WeightSet>& sets) {
  Words out;
  for (const WeightSet& set : sets) out.push_back(set.words);
  return out;
}

std::string first_tensor(const fs::path& path, const OpenOptions& options = {}) {
  const auto checkpoint = Checkpoint::open(path, options);
  return checkpoint ? checkpoint->tensors().front().name : checkpoint.error().message();
}

// The first tensor of each set.
Words tensors_of(const fs::path& folder) {
  Words out;
  for (const WeightSet& set : weight_sets(folder)) {
    out.push_back(first_tensor(folder, {.set = set, .numbers = {}}));
  }
  return out;
}

}  // namespace

TEST_CASE("model.safetensors is opened before an index, and the index is another set",
          "[checkpoint][files]") {
  Scratch scratch;
  scratch.put(kIndex, index_of("model-00001-of-00001.safetensors", "decoy"));
  scratch.put("model-00001-of-00001.safetensors", file_of("decoy"));
  CHECK(first_tensor(scratch.folder()) == "decoy");
  scratch.put("model.safetensors", file_of("real"));
  CHECK(first_tensor(scratch.folder()) == "real");
  const auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(checkpoint);
  CHECK(checkpoint->notes() ==
        Words{"weights file 'model-00001-of-00001.safetensors' is not part of the model"});
  const auto others = other_weight_sets(*checkpoint);
  REQUIRE(!others.empty());
  CHECK(others[0].words == cat("index ", kIndex));
  CHECK(first_tensor(scratch.folder(), {.set = others[0], .numbers = {}}) == "decoy");
}

TEST_CASE("an index that is damaged or does not fit its files leaves the other sets",
          "[checkpoint][files]") {
  Scratch scratch;
  scratch.put(kIndex, index_of("b.safetensors", "not there"));
  scratch.put("b.safetensors", file_of("b"));
  scratch.put("model.safetensors", file_of("real"));
  scratch.put("broken.safetensors", "junk");
  scratch.put("other.safetensors.index.json", "{");
  CHECK(first_tensor(scratch.folder()) == "real");
  const Words words = words_of(weight_sets(scratch.folder()));
  CHECK(words == Words{"model.safetensors", cat("index ", kIndex),
                       "index other.safetensors.index.json", "b.safetensors"});
  CHECK(tensors_of(scratch.folder())[3] == "b");
}

TEST_CASE("variants, shards without an index, subfolders and weights under any name are sets",
          "[checkpoint][files]") {
  Scratch scratch;
  scratch.put("model.safetensors", file_of("usual"));
  scratch.put("model.fp16.safetensors", file_of("fp16"));
  scratch.put("x-00001-of-00002.safetensors", file_of("x1"));
  scratch.put("x-00002-of-00002.safetensors", file_of("x2"));
  scratch.put("original/model.safetensors", file_of("original"));
  scratch.put("original/config.json", R"({"hidden_size": 7})");
  scratch.put("notes.dat", file_of("disguised"));
  scratch.put("optimizer.safetensors", file_of("optimiser"));
  scratch.put(".cache/model.safetensors", file_of("hidden"));
  const Words words = words_of(weight_sets(scratch.folder()));
  CHECK(words == Words{"model.safetensors",
                       "shards x-00001-of-00002.safetensors and 1 more without an index",
                       "all *.safetensors that are neither in an index nor model.safetensors",
                       "model.fp16.safetensors", "notes.dat", "original/model.safetensors"});
  CHECK(tensors_of(scratch.folder()) ==
        Words{"usual", "x1", "fp16", "fp16", "disguised", "original"});
  const auto sets = weight_sets(scratch.folder());
  const auto original = Checkpoint::open(scratch.folder(), {.set = sets.back(), .numbers = {}});
  REQUIRE(original);
  CHECK(original->folder() == scratch.folder());
  const auto config = read_config(*original);
  REQUIRE(config);
  CHECK(config->hidden_size == 7);
}

TEST_CASE("transformers_weights of config.json names the file that is opened first",
          "[checkpoint][files]") {
  Scratch scratch;
  scratch.put("model.safetensors", file_of("usual"));
  scratch.put("sub/real.safetensors", file_of("real"));
  scratch.put("config.json", R"({"transformers_weights": "sub/real.safetensors"})");
  CHECK(first_tensor(scratch.folder()) == "real");
  CHECK(words_of(weight_sets(scratch.folder())) ==
        Words{"sub/real.safetensors", "model.safetensors"});
  scratch.put(".git/hidden.safetensors", file_of("hidden"));  // no root of a model covers it
  for (const char* wrong : {"../w.safetensors", "none.safetensors", "config.json",
                            ".git/hidden.safetensors", "sub/../.git/hidden.safetensors"}) {
    scratch.put("config.json", cat(R"({"transformers_weights": ")", wrong, R"("})"));
    CHECK(first_tensor(scratch.folder()).find("transformers_weights") != std::string::npos);
    CHECK(words_of(weight_sets(scratch.folder())).front() == "model.safetensors");
  }
}

TEST_CASE("the number of sets is limited", "[checkpoint][files]") {
  Scratch scratch;
  for (int i = 0; i < 40; ++i) scratch.put(cat("a", i, ".safetensors"), file_of(cat("t", i)));
  CHECK(weight_sets(scratch.folder()).size() == kWeightSetsMax);
}

TEST_CASE("links inside an entry of the Hugging Face cache are followed, links out of it are not",
          "[checkpoint][files]") {
  Scratch scratch;
  const fs::path snapshot = scratch / "models--o--m/snapshots/abc";
  scratch.put("models--o--m/blobs/11", file_of("mine"));
  scratch.put("models--o--m/snapshots/abc/config.json", "{}");
  scratch.put("models--o--other/blobs/22", file_of("theirs"));
  fs::create_symlink("../../blobs/11", snapshot / "model.safetensors");
  CHECK(first_tensor(snapshot) == "mine");
  fs::remove(snapshot / "model.safetensors");
  fs::create_symlink("../../../models--o--other/blobs/22", snapshot / "model.safetensors");
  const auto refused = Checkpoint::open(snapshot);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() ==
        "model.safetensors: is a link that leads out of this model's entry in the download cache");
  CHECK(refused.error().hint().find("cp -rL") != std::string_view::npos);
  // The store that entries share has a marker.
  const std::string hash(64, 'a');
  scratch.put(cat("blobs/aa/", hash), file_of("shared"));
  fs::remove(scratch / "models--o--m/blobs/11");
  fs::create_symlink(cat("../../blobs/aa/", hash), scratch / "models--o--m/blobs/11");
  fs::remove(snapshot / "model.safetensors");
  fs::create_symlink("../../blobs/11", snapshot / "model.safetensors");
  CHECK_FALSE(Checkpoint::open(snapshot));
  scratch.put("blobs/.huggingface-shared-blobs", "1\n");
  CHECK(first_tensor(snapshot) == "shared");
}

}  // namespace wmk::checkpoint::weight_sets_test
