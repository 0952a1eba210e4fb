// Other sets of weights of a folder are readings.
#include <catch2/catch.hpp>
#include <fstream>

#include "checkpoint/readings/reading_list.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;
using namespace wmk::test;

bool opens(ReadingList& list, const Change& change, std::string_view file) {
  for (size_t i = 0; list.has(i); ++i) {
    if (list.changes(i) != std::vector{change}) continue;
    const auto reading = list.open(i);
    return reading && reading->checkpoint->files().front().name() == file;
  }
  return false;
}

}  // namespace

TEST_CASE(
    "other sets of weights in the folder are readings, also where the declared one is damaged",
    "[checkpoint][readings]") {
  Scratch scratch;
  const fs::path model = scratch / "model";
  fs::create_directory(model);
  write_tiny_model(model, "llama");
  fs::copy_file(model / "model.safetensors", model / "model.fp16.safetensors");
  const Change variant{Axis::files, "model.fp16.safetensors"};
  ReadingList list({model});
  REQUIRE(list.declared());
  CHECK(list.declared()->checkpoint->files().front().name() == "model.safetensors");
  CHECK(opens(list, variant, "model.fp16.safetensors"));
  std::ofstream(model / "model.safetensors") << "junk";
  ReadingList damaged({model});
  CHECK_FALSE(damaged.declared());
  CHECK(opens(damaged, variant, "model.fp16.safetensors"));
}

}  // namespace wmk::checkpoint
