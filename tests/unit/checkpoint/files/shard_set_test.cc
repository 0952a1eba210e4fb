// Which weights files of a folder without an index are one model.
#include "checkpoint/files/shard_set.h"

#include <catch2/catch.hpp>

#include "checkpoint/checkpoint.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint::shard_set_test {
namespace {

using test::tiny_file;
using wmk::test::Scratch;
using Names = std::vector<std::string>;

Names chosen(const Names& names) { return choose_shard_set(names, ".safetensors").files; }

}  // namespace

TEST_CASE("without an index one complete set of shards is the model") {
  const Names shards = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"};
  Names names = shards;
  names.insert(names.begin(), "extra.safetensors");
  CHECK(chosen(names) == shards);
  const Names own = {"x-1-of-2.safetensors", "x-2-of-2.safetensors"};
  CHECK(chosen({own[0], own[1], "y.safetensors"}) == own);
  // Two complete sets: the usual name, or nothing is left out.
  CHECK(chosen({shards[0], shards[1], own[0], own[1]}) == shards);
  CHECK(chosen({own[0], own[1], "z-1-of-1.safetensors"}).size() == 3);
  // An incomplete set is no set.
  CHECK(chosen({shards[0], "y.safetensors"}).size() == 2);
  CHECK(chosen({"model.safetensors", shards[0], shards[1]}) == Names{"model.safetensors"});
  for (const char* odd : {"-of-2.safetensors", "a-1-of-.safetensors", "a-x-of-1.safetensors",
                          "a-1-of-99999999999999999999.safetensors", "1-of-1.safetensors"}) {
    CAPTURE(odd);
    CHECK(chosen({odd}) == Names{odd});
  }
}

TEST_CASE("a consolidated copy beside shards is not part of the model") {
  Scratch scratch;
  scratch.put("model-00001-of-00002.safetensors", tiny_file({{"a", "1"}}));
  scratch.put("model-00002-of-00002.safetensors", tiny_file({{"b", "2"}}));
  scratch.put("consolidated.safetensors", tiny_file({{"a", "3"}, {"b", "4"}}));
  const auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(checkpoint);
  CHECK(checkpoint->files().size() == 2);
  REQUIRE(checkpoint->notes().size() == 1);
  CHECK(checkpoint->notes()[0] ==
        "weights file 'consolidated.safetensors' is not part of the model");
  CHECK(chosen({"consolidated.safetensors", "weights.safetensors"}) ==
        Names{"weights.safetensors"});
  CHECK(chosen({"consolidated.safetensors"}) == Names{"consolidated.safetensors"});
}

TEST_CASE("weights in another format beside the model are noted") {
  Scratch scratch;
  scratch.put("model.safetensors", tiny_file({{"a", "1"}}));
  for (const char* name : {"model-Q4_0.gguf", "consolidated.00.pth", "pytorch_model.bin"}) {
    scratch.put(name, "not even read");
  }
  scratch.put("training_args.bin", "no weights");
  const auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(checkpoint);
  CHECK(checkpoint->notes().size() == 3);
}

}  // namespace wmk::checkpoint::shard_set_test
