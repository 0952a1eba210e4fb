// Frames that are made once for the readings that share them.
#include "verify/structure_cache.h"

#include <catch2/catch.hpp>

#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::verify {

using namespace wmk::test;

TEST_CASE("a frame is made once, and of many those asked for last are kept", "[verify]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", {});
  const MarkableModel model = open_model(scratch / "model");
  const auto reading =
      checkpoint::borrowed_reading(model.checkpoint, model.anatomy, model.vocabulary);
  auto renumbered = model.vocabulary;
  renumbered.strings.front() += "x";
  const auto other = checkpoint::borrowed_reading(model.checkpoint, model.anatomy, renumbered);
  std::vector<std::vector<unsigned>> made;
  StructureCache cache(2, [&](const Subject&, FrameSource, const std::vector<unsigned>& shares) {
    made.push_back(shares);
    return Result<std::vector<embed::Structure>>(std::vector<embed::Structure>());
  });
  const auto number = [&](const checkpoint::Reading& of, unsigned share) {
    return must(cache.get(of, FrameSource::strings, {share})).number;
  };
  const auto first = number(reading, 0);
  CHECK(number(reading, 0) == first);
  CHECK(number(reading, 1) != first);
  CHECK(number(reading, 0) == first);  // asked for again, so the other one goes first
  CHECK(made.size() == 2);
  CHECK(number(other, 0) != first);  // other labels
  CHECK(number(reading, 0) == first);
  CHECK(made.size() == 3);
  number(reading, 1);
  CHECK(made.size() == 4);
}

}  // namespace wmk::verify
