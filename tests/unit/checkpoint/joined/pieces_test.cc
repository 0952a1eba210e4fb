// Tensors in pieces: read as the whole, and checked for holes and overlaps.
#include "checkpoint/joined/pieces.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

// A file of the floats 0, 1, 2, ...
struct Numbers {
  test::Scratch scratch;
  std::vector<ReadFile> files;

  explicit Numbers(size_t count) {
    std::string bytes;
    for (size_t i = 0; i < count; ++i) {
      const auto value = static_cast<float>(i);
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    auto file = ReadFile::open(scratch.put("numbers", bytes));
    REQUIRE(file);
    files.push_back(*std::move(file));
  }
};

// A piece of a 6 x 8 matrix whose elements are stored from element `first` of the file on.
void add_piece(Whole& whole, const Rectangle& place, uint64_t first) {
  const auto source = static_cast<uint32_t>(whole.sources.size());
  whole.sources.push_back({.name = "part",
                           .dtype = DType::f32,
                           .shape = {place.rows, place.columns},
                           .offset = first * sizeof(float),
                           .bytes = place.rows * place.columns * sizeof(float)});
  whole.pieces.push_back({place, source, 0, 0});
}

Whole whole_of(const std::vector<Rectangle>& places) {
  Whole whole{.name = "w", .shape = {2, 3, 8}, .dtype = DType::f32, .sources = {}, .pieces = {}};
  uint64_t first = 0;
  for (const Rectangle& place : places) {
    add_piece(whole, place, first);
    first += place.rows * place.columns;
  }
  return whole;
}

// The matrix that the pieces make, by hand.
std::vector<float> matrix_by_hand(const std::vector<Rectangle>& places) {
  std::vector<float> out(48, -1);
  float value = 0;
  for (const Rectangle& place : places) {
    for (uint64_t r = 0; r < place.rows; ++r) {
      for (uint64_t c = 0; c < place.columns; ++c) {
        out[(place.first_row + r) * 8 + place.first_column + c] = value++;
      }
    }
  }
  return out;
}

const std::vector<std::vector<Rectangle>> kTilings = {
    {{0, 3, 0, 8}, {3, 3, 0, 8}},
    {{0, 6, 0, 3}, {0, 6, 3, 5}},
    {{0, 3, 4, 4}, {3, 3, 4, 4}, {0, 2, 0, 4}, {2, 4, 0, 4}},
    {{5, 1, 0, 8}, {0, 5, 7, 1}, {0, 5, 0, 7}},
    {{0, 2, 0, 5}, {0, 3, 5, 3}, {3, 3, 3, 5}, {2, 4, 0, 3}, {2, 1, 3, 2}},
};

std::string fault_of(const std::vector<Rectangle>& places) {
  const auto joined = join_pieces(whole_of(places));
  REQUIRE(!joined);
  return joined.error().message();
}

}  // namespace

TEST_CASE("every rectangle of a tensor in pieces is the same part of the whole") {
  const Numbers numbers(48);
  for (const auto& places : kTilings) {
    const auto joined = join_pieces(whole_of(places));
    INFO((joined ? "" : joined.error().message()));
    REQUIRE(joined);
    REQUIRE(joined->encoding != nullptr);
    CHECK(joined->encoding->name() == "F32 in pieces");
    CHECK(joined->stored_bytes() == 48 * sizeof(float));
    const std::vector<float> expected = matrix_by_hand(places);
    for (uint64_t row = 0; row < 6; ++row) {
      for (uint64_t column = 0; column < 8; ++column) {
        const Rectangle part{row, 6 - row, column, 8 - column - (column % 2 && column < 7 ? 1 : 0)};
        std::vector<float> values(part.rows * part.columns);
        REQUIRE(joined->encoding->decode(numbers.files, part, values));
        for (uint64_t i = 0; i < values.size(); ++i) {
          const uint64_t r = row + i / part.columns, c = column + i % part.columns;
          REQUIRE(values[i] == expected[r * 8 + c]);
        }
      }
    }
  }
}

TEST_CASE("a piece that is the whole tensor, or whole rows of a stored one, is plain") {
  const auto whole = join_pieces(whole_of({{0, 6, 0, 8}}));
  REQUIRE(whole);
  CHECK(whole->encoding == nullptr);
  CHECK(whole->bytes == 48 * sizeof(float));
  Whole half{.name = "w", .shape = {2, 8}, .dtype = DType::f32, .sources = {}, .pieces = {}};
  add_piece(half, {0, 6, 0, 8}, 0);
  half.pieces[0] = {{0, 2, 0, 8}, 0, 3, 0};
  const auto rows = join_pieces(std::move(half));
  REQUIRE(rows);
  CHECK(rows->encoding == nullptr);
  CHECK(rows->offset == 24 * sizeof(float));
}

TEST_CASE("pieces that overlap, leave a hole or reach out are refused", "[bad-input]") {
  CHECK(fault_of({{0, 5, 0, 8}}) == "its pieces leave a hole");
  CHECK(fault_of({}) == "its pieces leave a hole");
  CHECK(fault_of({{1, 5, 0, 8}}) == "its pieces leave a hole");
  CHECK(fault_of({{0, 6, 0, 7}}) == "its pieces leave a hole");
  CHECK(fault_of({{0, 6, 1, 7}}) == "its pieces leave a hole");
  CHECK(fault_of({{0, 3, 0, 8}, {3, 3, 0, 4}}) == "its pieces leave a hole");
  CHECK(fault_of({{0, 2, 0, 8}, {4, 2, 0, 8}}) == "its pieces leave a hole");
  CHECK(fault_of({{0, 6, 0, 8}, {0, 6, 0, 8}}) == "its pieces overlap");
  CHECK(fault_of({{0, 4, 0, 8}, {3, 3, 0, 8}}) == "its pieces overlap");
  CHECK(fault_of({{0, 6, 0, 5}, {2, 1, 4, 4}, {0, 6, 5, 3}}) == "its pieces overlap");
  CHECK(fault_of({{0, 7, 0, 8}}) == "a piece reaches out of the tensor");
  CHECK(fault_of({{UINT64_MAX, 2, 0, 8}}) == "a piece reaches out of the tensor");
  CHECK(fault_of({{0, 6, 0, 9}}) == "a piece reaches out of the tensor");
  Whole more = whole_of({{0, 6, 0, 8}});
  more.pieces[0].first_row = 1;
  const auto joined = join_pieces(std::move(more));
  REQUIRE(!joined);
  CHECK(joined.error().message() == "a piece is larger than what is stored of it");
}

TEST_CASE("sizes of tensors in pieces do not overflow", "[bad-input]") {
  for (const std::vector<uint64_t>& shape :
       {std::vector<uint64_t>{UINT64_MAX, 2}, {uint64_t{1} << 62}, {1u << 31, 1u << 31, 0, 4}}) {
    Whole whole{.name = "w", .shape = shape, .dtype = DType::f32, .sources = {}, .pieces = {}};
    CHECK(!join_pieces(std::move(whole)));
  }
  Whole empty{.name = "w", .shape = {0, 4}, .dtype = DType::f32, .sources = {}, .pieces = {}};
  CHECK(join_pieces(std::move(empty)));
}

TEST_CASE("elements in a row are pieces wherever they are cut") {
  const Numbers numbers(48);
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    Whole whole{.name = "w", .shape = {6, 8}, .dtype = DType::f32, .sources = {}, .pieces = {}};
    for (uint64_t at = 0; at < 48;) {
      const uint64_t count = std::min<uint64_t>(48 - at, 1 + random() % 20);
      add_run(whole, at, count, 0, at * sizeof(float));
      at += count;
    }
    const auto joined = join_pieces(std::move(whole));
    REQUIRE(joined);
    std::vector<float> values(48);
    if (!joined->encoding) continue;
    REQUIRE(joined->encoding->decode(numbers.files, {0, 6, 0, 8}, values));
    for (size_t i = 0; i < values.size(); ++i) REQUIRE(values[i] == static_cast<float>(i));
  }
}

TEST_CASE("integers in pieces are not joined") {
  Whole whole = whole_of({{0, 3, 0, 8}, {3, 3, 0, 8}});
  whole.dtype = DType::i32;
  for (Tensor& source : whole.sources) source.dtype = DType::i32;
  CHECK(!is_joinable(whole));
  const auto joined = join_pieces(std::move(whole));
  REQUIRE(!joined);
  CHECK(joined.error().message() == "pieces of type I32 are not joined");
}

}  // namespace wmk::checkpoint
