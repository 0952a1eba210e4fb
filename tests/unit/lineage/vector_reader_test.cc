// Vectors that are read many at a time are those that are read one by one.
#include "lineage/model/vector_reader.h"

#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Basis;
using lineage::VectorReader;
using lineage::VectorSource;

// By the definition: vector, norm, basis, one number at a time.
std::vector<float> expected(const VectorSource& source, uint64_t first, uint64_t count) {
  const size_t width = source.side->width();
  std::vector<float> out;
  for (uint64_t i = first; i < first + count; ++i) {
    auto row = lineage::load_view(*source.side->checkpoint, source.view, width, i, 1);
    REQUIRE(row);
    std::vector<float> mapped(source.width());
    for (size_t j = 0; j < width; ++j) {
      const float value = (*row)[j] * (*source.norm_weight)[j];
      if (!source.basis) mapped[j] = value;
      if (!source.basis || source.basis->place[j] < 0) continue;
      mapped[static_cast<size_t>(source.basis->place[j])] = source.basis->sign[j] * value;
    }
    out.insert(out.end(), mapped.begin(), mapped.end());
  }
  return out;
}

}  // namespace

TEST_CASE("vectors that are read many at a time are those that are read one by one") {
  const Scratch scratch;
  lab::DemoShape shape = compared_shape();
  shape.units = 2400;  // more than one block of columns
  shape.layers = 1;
  const OpenedSide model = open_side(compared_model(scratch, "model", 1, shape));
  const lineage::Side side = model.side();
  const size_t width = side.width();
  std::vector<float> norm(width);
  for (size_t i = 0; i < width; ++i) norm[i] = 1 + static_cast<float>(i) / 7;
  Basis turned{lineage::BasisKind::signed_permutation, width, width, {}, {}, {}};
  for (size_t i = 0; i < width; ++i) {
    turned.place.push_back(static_cast<int64_t>((5 * i + 3) % width));
    turned.sign.push_back(i % 3 ? 1.0f : -1.0f);
  }
  turned.place[9] = -1;  // dropped
  const std::vector<size_t> coordinates = {40, 3, 17, 48, 60};
  const Basis few = turned.restricted(coordinates);
  const auto& group = model.anatomy.groups[0];
  const Basis* bases[] = {nullptr, &turned, &few};
  for (const Basis* basis : bases) {
    for (const checkpoint::View& view : {group.up, group.down}) {
      const VectorSource source{&side, view, &norm, basis};
      VectorReader reader;
      std::vector<float> all;
      REQUIRE(reader.for_each(source, group.units,
                              [&](std::vector<float>& rows, uint64_t first, uint64_t count) {
                                CHECK(first * source.width() == all.size());
                                CHECK(count * source.width() == rows.size());
                                all.insert(all.end(), rows.begin(), rows.end());
                                return Status();
                              }));
      CHECK(all == expected(source, 0, group.units));
      const auto some = reader.read(source, 100, 30);
      REQUIRE(some);
      CHECK(**some == expected(source, 100, 30));
      const auto sample =
          reader.read_runs({{0, 70, 3}, {0, 5, 2}, {0, 2000, 17}}, [&](size_t) { return source; });
      REQUIRE(sample);
      auto runs = expected(source, 70, 3);
      for (const auto& more : {expected(source, 5, 2), expected(source, 2000, 17)}) {
        runs.insert(runs.end(), more.begin(), more.end());
      }
      CHECK(**sample == runs);
    }
  }
}

}  // namespace wmk::test
