// The length of a sketch beside that of a random sum.
#include <catch2/catch.hpp>

#include "embed/read/score.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

}  // namespace

TEST_CASE("the length of a sketch is near 1, and the root of how often neurons repeat", "[embed]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama",
                   {.width = 64, .vocabulary = 500, .layers = 4, .units = 500, .seed = 4});
  const MarkableModel model = open_model(scratch / "plain");
  const auto structures = share_structures(model, test_key("owner"), 2);
  const SketchSet once = sketch_all(model, structures);
  const double plain = length_of(structures[0], once, 0, TagRule::hard).value();
  CHECK(plain == Approx(1).margin(0.15));
  // Four copies of every neuron: four times the sum, where independent ones would give twice.
  SketchSet repeated = once;
  for (int i = 0; i < 3; ++i) repeated.merge(once);
  CHECK(length_of(structures[0], repeated, 0, TagRule::hard).value() == Approx(2 * plain));
  // Shares add up.
  Length both = length_of(structures[0], repeated, 0, TagRule::hard);
  both += length_of(structures[1], repeated, 1, TagRule::hard);
  CHECK(both.value() == Approx(2).margin(0.3));
  CHECK(Length().value() == 1);
}

TEST_CASE("the length is the same for any threads and blocks", "[embed]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama",
                   {.width = 64, .vocabulary = 500, .layers = 3, .units = 700, .seed = 4});
  const MarkableModel model = open_model(scratch / "plain");
  const auto structures = share_structures(model, test_key("owner"), 1);
  const SketchSet one = sketch_all(model, structures, 1),
                  many = sketch_all(model, structures, 3, 1);
  for (VectorKind kind : kVectorKinds) CHECK(one.energy(0, kind) == many.energy(0, kind));
}

}  // namespace wmk::embed
