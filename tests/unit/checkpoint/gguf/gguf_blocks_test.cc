// Blocks of every GGUF type against values computed by PyPI's gguf and by llama.cpp
// (tests/vectors/gguf).
#include <catch2/catch.hpp>
#include <set>

#include "checkpoint/gguf/blocks.h"
#include "crypto/blake2b.h"
#include "tests/unit/checkpoint/gguf/gguf_builder.h"
#include "tests/unit/scratch.h"
#include "tests/unit/vectors.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::GgufBuilder;
using wmk::test::Scratch;

constexpr size_t kBlocks = 64;

Bytes joined(const test::Vector& vector, std::string_view key) {
  std::string hex;
  for (const auto& [name, value] : vector.lines) {
    if (name == key) hex += value;
  }
  auto bytes = from_hex(hex);
  REQUIRE((bytes && !bytes->empty()));
  return *std::move(bytes);
}

// The same bytes as in make_blocks.py: SplitMix64, then finite scales.
Bytes made_blocks(const GgufType& type) {
  Bytes out;
  uint64_t state = type.id;
  while (out.size() < kBlocks * type.bytes) {
    state += 0x9E3779B97F4A7C15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::byte>(z >> 8 * i & 255));
  }
  out.resize(kBlocks * type.bytes);
  const std::string_view name = type.name;
  std::set<size_t> scales = {0};
  if (name == "Q4_1" || name == "Q5_1" || name == "Q4_K" || name == "Q5_K") scales = {0, 2};
  if (name == "Q2_K") scales = {80, 82};
  if (name == "Q3_K") scales = {108};
  if (name == "Q6_K") scales = {208};
  if (name == "TQ1_0") scales = {52};
  if (name == "TQ2_0") scales = {64};
  if (name == "IQ1_M" || name == "MXFP4" || name == "NVFP4") scales = {};
  for (size_t block = 0; block < kBlocks; ++block) {
    std::byte* at = out.data() + block * type.bytes;
    for (const size_t scale : scales) at[scale + 1] &= std::byte{0xFB};
    if (name == "IQ1_M") at[53] &= std::byte{0xBF};
  }
  return out;
}

std::vector<float> decoded(const GgufType& type, const Bytes& blocks) {
  const size_t count = blocks.size() / type.bytes;
  std::vector<float> out(count * type.elements);
  type.decode(blocks.data(), count, out.data());
  return out;
}

}  // namespace

TEST_CASE("blocks of every GGUF type have the values of the reference") {
  std::set<std::string_view> seen;
  for (const test::Vector& vector : test::read_vectors("gguf/blocks.vec")) {
    INFO(vector.name);
    const GgufType* type = find_gguf_type(static_cast<uint32_t>(std::stoul(vector.at("type"))));
    REQUIRE(type != nullptr);
    CHECK(type->name == vector.name);
    seen.insert(type->name);
    const Bytes first = joined(vector, "block");
    REQUIRE(first.size() == type->bytes);
    const auto values = decoded(*type, first);
    CHECK(to_hex(std::as_bytes(std::span(values))) == to_hex(joined(vector, "values")));

    const Bytes all = made_blocks(*type);
    CHECK(Bytes(all.begin(), all.begin() + type->bytes) == first);
    const auto every = decoded(*type, all);
    std::array<std::byte, 32> digest;
    crypto::blake2b({}, std::as_bytes(std::span(every)), digest);
    CHECK(to_hex(digest) == vector.at("digest"));
  }
  for (uint32_t id = 0; id < 64; ++id) {
    const GgufType* type = find_gguf_type(id);
    if (type && !type->plain) CHECK(seen.contains(type->name));
  }
}

TEST_CASE("a GGUF tensor reads the same however it is cut") {
  Scratch scratch;
  const std::string name = GENERATE("Q4_0", "Q6_K", "NVFP4");
  INFO(name);
  const GgufType* type = nullptr;
  for (uint32_t id = 0; type == nullptr || type->name != name; ++id) type = find_gguf_type(id);
  constexpr uint64_t kRows = 5, kColumns = 768;
  const Bytes pool = made_blocks(*type);
  const uint64_t bytes = kRows * kColumns / type->elements * type->bytes;
  Bytes data;
  while (data.size() < bytes) data.insert(data.end(), pool.begin(), pool.end());
  data.resize(bytes);
  const auto whole = decoded(*type, data);
  const auto path = scratch.put("x", as_text(data));
  std::vector<ReadFile> files;
  files.push_back(*ReadFile::open(path));
  const auto encoding = gguf_blocks(*type, {0, 0, bytes, kColumns});
  CHECK(encoding->stored_bytes() == bytes);
  for (const Rectangle part :
       {Rectangle{0, kRows, 0, kColumns}, Rectangle{2, 1, 0, kColumns}, Rectangle{1, 3, 256, 256},
        Rectangle{0, kRows, 1, 1}, Rectangle{4, 1, 700, 68}, Rectangle{0, 2, 31, 700},
        Rectangle{3, 0, 0, 9}, Rectangle{0, kRows, 64, 64}}) {
    std::vector<float> out(part.rows * part.columns);
    REQUIRE(encoding->decode(files, part, out));
    for (uint64_t r = 0; r < part.rows; ++r) {
      const float* from = whole.data() + (part.first_row + r) * kColumns + part.first_column;
      CHECK(std::memcmp(out.data() + r * part.columns, from, part.columns * sizeof(float)) == 0);
    }
  }
  Rectangle beyond{0, kRows, 0, kColumns};
  files.clear();
  files.push_back(*ReadFile::open(scratch.put("short", "too short")));
  std::vector<float> out(kRows * kColumns);
  CHECK_FALSE(encoding->decode(files, beyond, out));
}

TEST_CASE("rows of q and k are read in their order before conversion") {
  Scratch scratch;
  // d = 8, two heads: conversion makes 0 4 1 5 2 6 3 7 of 0 1 2 3 4 5 6 7 in each.
  const std::vector<float> stored = {0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15};
  const auto path = scratch.put("x", as_text(std::as_bytes(std::span(stored))));
  std::vector<ReadFile> files;
  files.push_back(*ReadFile::open(path));
  const GgufType& f32 = *find_gguf_type(0);
  std::vector<float> rows(16), bias(16), part(3);
  REQUIRE(gguf_rotary_rows(f32, {0, 0, 64, 1}, 16, 2)->decode(files, {0, 16, 0, 1}, rows));
  REQUIRE(gguf_rotary_rows(f32, {0, 0, 64, 16}, 16, 2)->decode(files, {0, 1, 0, 16}, bias));
  REQUIRE(gguf_rotary_rows(f32, {0, 0, 64, 16}, 16, 2)->decode(files, {0, 1, 7, 3}, part));
  for (size_t i = 0; i < 16; ++i) {
    CHECK(rows[i] == static_cast<float>(i));
    CHECK(bias[i] == static_cast<float>(i));
  }
  CHECK(part == std::vector<float>{7, 8, 9});
}

}  // namespace wmk::checkpoint
