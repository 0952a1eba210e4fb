// Rows of two output heads that belong to the same token (specs/output.md 7).
#include "embed/output/row_match.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <random>

#include "base/text.h"
#include "embed/output/compared_rows.h"
#include "tests/support/marking.h"
#include "tests/support/null_statistics.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr size_t kMatchRows = 1500, kMatchWidth = 64, kMatchPairs = 4;

std::vector<uint32_t> shuffled(uint64_t seed) {
  std::vector<uint32_t> out(kMatchRows);
  std::iota(out.begin(), out.end(), 0u);
  std::mt19937_64 engine(seed);
  for (size_t i = kMatchRows; i > 1; --i) std::swap(out[i - 1], out[engine() % i]);
  return out;
}

// Row i of the result is row order[i].
std::vector<float> reordered(const std::vector<float>& values, const std::vector<uint32_t>& order) {
  std::vector<float> out;
  for (const uint32_t row : order) {
    out.insert(out.end(), &values[row * kMatchWidth], &values[row * kMatchWidth] + kMatchWidth);
  }
  return out;
}

std::vector<float> with_more(std::vector<float> values, const std::vector<float>& more,
                             float part) {
  for (size_t i = 0; i < values.size(); ++i) values[i] += part * more[i];
  return values;
}

using Keys = std::vector<crypto::SecretBytes>;

Keys key_named(const std::string& name) {
  Keys out;
  out.push_back(test_key(name));
  return out;
}

std::vector<std::string> numbered() {
  std::vector<std::string> out;
  for (size_t i = 0; i < kMatchRows; ++i) out.push_back(cat("t", i));
  return out;
}

struct MatchHeads {
  Scratch scratch;
  int files = 0;

  HeadFile file(const std::vector<float>& values,
                checkpoint::DType dtype = checkpoint::DType::f32) {
    return head_file(scratch / cat(++files, ".safetensors"), values, values.size() / kMatchWidth,
                     dtype);
  }
  RowMatch match(const HeadFile& suspect, const HeadFile& known,
                 const WipedVector<int8_t>& directions = {},
                 const std::vector<float>* turn = nullptr, unsigned threads = 1) {
    return must(match_rows(suspect.checkpoint, suspect.head,
                           {known.checkpoint, known.head, directions, !directions.empty()}, turn,
                           threads, nullptr));
  }
};

// z of a key's mark under the labels that a match gives.
double z_under(const HeadFile& suspect, const RowMatch& match, const Keys& key) {
  std::vector<std::string> labels(kMatchRows);
  OutputCarriers carriers;
  for (size_t row = 0; row < kMatchRows; ++row) {
    const bool is_matched = match.row[row] != RowMatch::kNone;
    if (is_matched) labels[row] = cat("t", match.row[row]);
    carriers.used.push_back(is_matched ? 1 : 0);
  }
  const auto used = carriers.used;
  carriers = carriers_of(key, labels, kMatchPairs);
  carriers.used = used;
  return must(read_output_weights(suspect.checkpoint, suspect.head, carriers, 1, nullptr))
      .total(kMatchPairs)
      .z();
}

}  // namespace

TEST_CASE("rows are matched in any order, under a map, and not to those of another head",
          "[output][match]") {
  MatchHeads heads;
  const auto values = normal_numbers(1, kMatchRows * kMatchWidth);
  const auto known = heads.file(values);
  const auto order = shuffled(2);
  const auto moved = reordered(with_more(values, normal_numbers(3, values.size()), 0.2f), order);
  const auto found = heads.match(heads.file(moved), known);
  CHECK(found.matched > 0.99 * kMatchRows);
  size_t right = 0;
  for (size_t row = 0; row < kMatchRows; ++row) right += found.row[row] == order[row] ? 1 : 0;
  CHECK(right == found.matched);
  CHECK(found.open == 0);
  CHECK((heads.match(heads.file(moved), known, {}, nullptr, 3).row == found.row));
  // x_suspect = O x_known for any O here; rows turned back are x_suspect O.
  std::vector<float> exchange(kMatchWidth * kMatchWidth);
  for (size_t j = 0; j < kMatchWidth; ++j) exchange[j * kMatchWidth + (j + 1) % kMatchWidth] = -1;
  const auto turned = heads.file(product_of(moved, transposed(exchange, kMatchWidth, kMatchWidth),
                                            kMatchRows, kMatchWidth, kMatchWidth));
  CHECK(heads.match(turned, known).matched == 0);
  CHECK((heads.match(turned, known, {}, &exchange).row == found.row));
  CHECK(heads.match(heads.file(normal_numbers(4, values.size())), known).matched == 0);
}

TEST_CASE("what a marked head's directions hold changes no match", "[output][match]") {
  MatchHeads heads;
  const auto key = key_named("owner");
  const auto values = normal_numbers(5, kMatchRows * kMatchWidth);
  // A strong mark, so that it would count.
  const auto marked = heads.file(marked_head(key, numbered(), values, kMatchPairs, 0.5));
  const auto suspect = heads.file(with_more(values, normal_numbers(6, values.size()), 0.6f));
  const auto directions = output_directions(key[0], kMatchPairs, kMatchWidth);
  const auto found = heads.match(suspect, marked, directions);
  CHECK((found.row == heads.match(suspect, heads.file(values), directions).row));
  CHECK(found.matched > 0.5 * kMatchRows);
  CHECK_FALSE((found.row == heads.match(suspect, marked).row));
  // The matched copy shows the mark, under labels that it got from its rows alone.
  CHECK(z_under(marked, heads.match(marked, marked, directions), key) > 10);
}

TEST_CASE("z under carried labels has deviation 1 for heads without the mark",
          "[output][match][null]") {
  MatchHeads heads;
  const auto values = normal_numbers(7, kMatchRows * kMatchWidth);
  // One shares its origin with the release, and noise leaves a part of its rows unmatched.
  const auto twin =
      heads.file(reordered(with_more(values, normal_numbers(8, values.size()), 0.9f), shuffled(9)));
  NullStatistics z;
  uint64_t matched = 0;
  for (int i = 0; i < 200; ++i) {
    const auto key = key_named(cat("key ", i));
    const auto marked = heads.file(marked_head(key, numbered(), values, kMatchPairs, 0.05),
                                   checkpoint::DType::bf16);
    const auto found =
        heads.match(twin, marked, output_directions(key[0], kMatchPairs, kMatchWidth));
    matched += found.matched;
    z.add(z_under(twin, found, key));
  }
  CAPTURE(matched);
  CHECK(matched > 200 * kMatchRows / 4);
  CHECK(matched < 200 * kMatchRows * 0.95);
  CAPTURE(z.mean(), z.deviation());
  CHECK(std::abs(z.mean()) < 0.3);
  CHECK(z.deviation() > 0.8);
  CHECK(z.deviation() < 1.2);
}

TEST_CASE("rows whose match rounding could change are counted", "[output][match]") {
  const auto seen = [](std::initializer_list<float> distances, float reach) {
    NearestRow out;
    uint32_t index = 0;
    for (const float each : distances) out.add(each, reach, index++);
    return out;
  };
  CHECK(seen({0.0f, 0.26f}, 0).match(1) == 0);
  CHECK(seen({0.0f, 0.24f}, 0).match(1) == NearestRow::kNone);
  CHECK(seen({0.9f, 0.81f}, 0).match(1) == NearestRow::kNone);
  CHECK(seen({0.0f, 0.26f}, 0).ln_choices(1, 2) == 0);
  CHECK(seen({0.0f, 0.26f}, 0.02f).ln_choices(1, 2) == Approx(std::log(2)));
  CHECK(seen({0.0f, 0.24f}, 0.02f).ln_choices(1, 2) == Approx(std::log(2)));
  CHECK(seen({0.0f, 0.3f}, 0.02f).ln_choices(1, 2) == 0);
  CHECK(seen({0.5f, 0.1f}, 0.02f).ln_choices(1, 2) == 0);
  CHECK(seen({0.1f, 0.1f, 1.0f}, 0.2f).ln_choices(1, 3) == Approx(std::log(4)));
}

TEST_CASE("labels come from heads of floats", "[output][match]") {
  MatchHeads heads;
  const auto values = normal_numbers(1, kMatchRows * kMatchWidth);
  const auto known = heads.file(values, checkpoint::DType::f8_e4m3);
  const auto suspect = heads.file(values);
  const auto directions = output_directions(test_key("owner"), kMatchPairs, kMatchWidth);
  const auto refused = match_rows(suspect.checkpoint, suspect.head,
                                  {known.checkpoint, known.head, directions}, nullptr, 1, nullptr);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message().find("BF16, F16 or F32") != std::string::npos);
  CHECK(heads.match(suspect, known).matched > 0.99 * kMatchRows);
}

}  // namespace wmk::embed
