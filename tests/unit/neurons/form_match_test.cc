// Pairs of rows by forms: numbers that are known are not computed again.
#include "neurons/carry/form_match.h"

#include <catch2/catch.hpp>

#include "tests/support/output_case.h"

namespace wmk::neurons {
namespace {

constexpr size_t kSide = 32;

// Layers of random unit rows; counts how often one is read.
class MadeRows : public RowSource {
 public:
  explicit MadeRows(const checkpoint::Anatomy& anatomy) : RowSource({nullptr, &anatomy}, {}) {}

  size_t layers() const override { return 3; }
  uint64_t layer_number(size_t layer) const override { return layer; }
  Result<Rows> read(size_t layer, uint64_t, unsigned, const Keep& keep) override {
    ++times_read;
    const size_t count = 400 + 10 * layer;
    const Rows all{count, kSide, test::normal_numbers(static_cast<unsigned>(layer), count * kSide)};
    Rows out{0, kSide, {}};
    for (size_t i = 0; i < count; ++i) {
      if (keep && !keep(i)) continue;
      ++out.count;
      out.values.insert(out.values.end(), all.row(i), all.row(i) + kSide);
    }
    normalise(out);
    return out;
  }
  size_t times_read = 0;
};

bool are_equal(const FormMatches& a, const FormMatches& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& left, const auto& right) {
                      return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                                        [](const RowPair& x, const RowPair& y) {
                                          return x.suspect == y.suspect && x.release == y.release &&
                                                 x.closeness == y.closeness;
                                        });
                    });
}

}  // namespace

TEST_CASE("numbers of rows that another pairing had are not computed again", "[neurons][carry]") {
  checkpoint::Anatomy anatomy;
  anatomy.width = kSide;
  MadeRows suspect(anatomy), release(anatomy);
  CloudRows rows{suspect, release, 2};
  const LayerPairs first = {{0, 0}, {1, 1}, {2, 2}}, second = {{0, 0}, {1, 2}, {2, 2}};
  const LayerPairs clouds = {{0, 0}, {2, 2}};
  NumbersByLayers of_suspect, of_release, no_suspect, no_release;
  const KnownNumbers known{of_suspect, of_release}, none{no_suspect, no_release};
  const auto before = match_by_forms(rows, first, rows, clouds, known);
  REQUIRE(before);
  REQUIRE(before->size() == 2);
  CHECK(before->front().size() > 100);  // the same rows on both sides
  suspect.times_read = release.times_read = 0;
  const auto again = match_by_forms(rows, second, rows, clouds, known);
  CHECK(suspect.times_read == 0);
  CHECK(release.times_read == 0);
  const auto alone = match_by_forms(rows, second, rows, clouds, none);
  CHECK(suspect.times_read == 9);  // three forms, and two clouds for each
  REQUIRE(again);
  REQUIRE(alone);
  CHECK(are_equal(*again, *alone));
  CHECK_FALSE(are_equal(*again, *before));

  const LayerPairs others = {{0, 1}, {2, 0}};
  const auto partly = match_by_forms(rows, first, rows, others, known);
  const auto wholly = match_by_forms(rows, first, rows, others, none);
  REQUIRE(partly);
  REQUIRE(wholly);
  CHECK(are_equal(*partly, *wholly));
}

}  // namespace wmk::neurons
