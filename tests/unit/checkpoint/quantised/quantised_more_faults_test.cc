// Faults of newer formats: malformed, hostile or of a variant that is not read.
#include <catch2/catch.hpp>

#include "tests/unit/checkpoint/quantised/group_case.h"

using namespace wmk;
using namespace wmk::checkpoint;
using namespace wmk::test;
using Catch::Matchers::Contains;

namespace {

std::string number(int64_t value) { return {reinterpret_cast<const char*>(&value), 8}; }

const std::vector<Part> kMlxNvfp4 = {{".weight", DType::u32, {32, 4}},
                                     {".scales", DType::u8, {32, 2}}};
// Rows of 32 with two bits in each four.
const std::vector<Part> kHalves = {{".compressed", DType::bf16, {32, 16}},
                                   {".bitmask", DType::u8, {32, 4}, std::string(128, '\x33')},
                                   {".shape", DType::i64, {2, 1}, number(32) + number(32)}};

std::vector<Part> any_sparse(int64_t third_row) {
  std::string offsets;
  for (int64_t r = 0; r < 32; ++r) offsets += number(r == 2 ? third_row : r * 16);
  return {{".compressed", DType::bf16, {512}},
          kHalves[1],
          {".shape", DType::i64, {2}, number(32) + number(32)},
          {".row_offsets", DType::i64, {32}, offsets}};
}

const std::vector<Part> kInt4Pairs = {{".weight", DType::u8, {16, 32}},
                                      {".weight_scale", DType::f32, {32, 2}}};
const std::vector<Part> kOptNvfp4 = {{".weight", DType::u8, {32, 16}},
                                     {".weight_scale", DType::f8_e4m3, {32, 2}},
                                     {".weight_scale_2", DType::f32, {}}};
const std::vector<Part> kOptMxfp4 = {{".weight", DType::u8, {32, 16}},
                                     {".weight_scale", DType::u8, {32, 1}}};

}  // namespace

TEST_CASE("the groups of newer formats that the faults start from are valid") {
  CHECK(refused(kMlxNvfp4) == "");
  CHECK(refused(kHalves) == "");
  CHECK(refused(any_sparse(32)) == "");
  CHECK(refused(kInt4Pairs) == "");
  CHECK(refused(kOptNvfp4) == "");
  CHECK(refused(kOptMxfp4) == "");
}

TEST_CASE("newer formats with wrong shapes, types or parts are refused", "[bad-input]") {
  CHECK_THAT(refused(with(kMlxNvfp4, {".scales", DType::u8, {32, 3}})), Contains("16 or 32 codes"));
  CHECK_THAT(refused(with(kMlxNvfp4, {".scales", DType::u8, {31, 2}})), Contains("is expected"));
  CHECK_THAT(refused(with(kMlxNvfp4, {".scales", DType::f16, {32, 2}}), R"({"mode":"nvfp4"})"),
             Contains("U8 of the mode 'nvfp4'"));
  CHECK_THAT(refused(kMlxNvfp4, R"({"mode":"mxfp4"})"),
             Contains("is stored as nvfp4, but config.json says mxfp4"));
  CHECK_THAT(refused(without(kHalves, ".shape")), Contains("has no tensor") && Contains(".shape"));
  CHECK_THAT(refused(with(kHalves, {".compressed", DType::bf16, {32, 15}})),
             Contains("two of each four"));
  CHECK_THAT(refused(with(kHalves, {".compressed", DType::i8, {32, 16}})),
             Contains("a floating type"));
  CHECK_THAT(refused(with(kHalves, {".bitmask", DType::u8, {32, 5}})), Contains("U8 [32, 4]"));
  CHECK_THAT(refused(with(kHalves, {".bitmask", DType::i8, {32, 4}})), Contains("U8 [32, 4]"));
  CHECK_THAT(refused(without(any_sparse(32), ".row_offsets")), Contains(".row_offsets"));
  CHECK_THAT(refused(with(kInt4Pairs, {".weight_scale", DType::f32, {32, 5}})),
             Contains("[32, groups of 32]"));
  CHECK_THAT(refused(with(kInt4Pairs, {".weight_scale", DType::f32, {16, 2}})),
             Contains("[32, groups of 32]"));
  CHECK_THAT(refused(with(kInt4Pairs, {".weight_scale", DType::i32, {32, 2}})),
             Contains("is expected"));
  CHECK_THAT(refused(without(kOptNvfp4, ".weight_scale_2")), Contains(".weight_scale_2"));
  CHECK_THAT(refused(without(kOptNvfp4, ".weight_scale")), Contains(".weight_scale"));
  CHECK_THAT(refused(with(kOptNvfp4, {".weight_scale_2", DType::f32, {2}})), Contains("one F32"));
  CHECK_THAT(refused(with(kOptNvfp4, {".weight_scale", DType::f8_e4m3, {32, 3}})),
             Contains("each 16 elements"));
  CHECK_THAT(refused(with(kOptMxfp4, {".weight_scale", DType::u8, {32, 2}})),
             Contains("each 32 elements"));
  CHECK_THAT(refused({{".weight", DType::i8, {32, 32}}, {".weight_scales", DType::f16, {32}}},
                     R"({"quant_method":"eetq"})"),
             Contains("multiples of 64"));
  CHECK_THAT(refused({{".weight", DType::i8, {32, 32}}, {".weight_scales", DType::f16, {31}}},
                     R"({"quant_method":"eetq"})"),
             Contains("a floating type [32]"));
}

TEST_CASE("a mask that contradicts the stored values is an error of the read", "[bad-input]") {
  std::string mask(128, '\x33');
  mask[4 * 7] = '\x37';  // row 7 has one element more
  CHECK_THAT(refused(with(kHalves, {".bitmask", DType::u8, {32, 4}, mask})),
             Contains("row 7") && Contains("17 elements"));
  CHECK_THAT(refused(with(any_sparse(32), {".bitmask", DType::u8, {32, 4}, mask})),
             Contains("row 7"));
  for (const int64_t start : {int64_t{0}, int64_t{33}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    CAPTURE(start);
    CHECK_THAT(refused(any_sparse(start)), Contains("row 1") || Contains("row 2"));
  }
  CHECK_THAT(refused(with(any_sparse(32), {".compressed", DType::bf16, {511}})),
             Contains("row 31"));
  CHECK_THAT(refused(with(any_sparse(32), {".compressed", DType::bf16, {513}})),
             Contains("row 31"));
  std::vector<Part> shifted = any_sparse(32);
  shifted.back().data.replace(0, 8, number(16));  // the first row begins later
  CHECK_THAT(refused(shifted), Contains("row 0"));
}

TEST_CASE("hostile shapes of sparse matrices are refused before they cost memory", "[bad-input]") {
  for (const auto& [out, in] : {std::pair<int64_t, int64_t>{32, INT64_MAX},
                                {INT64_MAX, 32},
                                {INT64_MAX, INT64_MAX},
                                {-32, -32},
                                {0, 32},
                                {32, 0},
                                {32, 40}}) {
    CAPTURE(out, in);
    CHECK(refused(with(kHalves, {".shape", DType::i64, {2, 1}, number(out) + number(in)})) != "");
  }
}

TEST_CASE("variants of newer formats that are not read are refused by name", "[bad-input]") {
  std::vector<Part> parts = kMlxNvfp4;
  parts.push_back({".global_scale", DType::f32, {}});
  CHECK_THAT(refused(parts), Contains("a scale of the whole tensor"));
  parts = kOptNvfp4;
  parts.push_back({".svdquant_lora_a", DType::f32, {4, 32}});
  CHECK_THAT(refused(parts), Contains("SVDQuant"));
  CHECK_THAT(refused({{".weight_packed", DType::i32, {1, 64}},
                      {".scale_packed", DType::f16, {1, 32}},
                      {".meta", DType::i16, {32, 2}}}),
             Contains("marlin-24"));
  CHECK_THAT(refused({{".W_q", DType::u8, {16, 64}},
                      {".scale", DType::f16, {16, 1}},
                      {".zero", DType::f16, {16, 1}},
                      {".shape", DType::i64, {2}, number(32) + number(32)},
                      {".group_size", DType::i64, {}, number(64)},
                      {".axis", DType::i64, {}, number(1)},
                      {".nbits", DType::i64, {}, number(9)},
                      {".packing", DType::u8, {7}, "8bit_u8"}}),
             Contains("codes of 9 bits"));
}
