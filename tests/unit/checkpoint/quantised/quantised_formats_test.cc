// Small tensors of newer formats, byte by byte, and the values that they must have.
#include <catch2/catch.hpp>

#include "tests/unit/checkpoint/quantised/group_case.h"

using namespace wmk;
using namespace wmk::checkpoint;
using namespace wmk::test;

namespace {

// Bytes as text.
std::string bytes(std::initializer_list<unsigned> values) {
  std::string out;
  for (const unsigned value : values) out += static_cast<char>(value);
  return out;
}

template <class T>
std::string numbers(std::initializer_list<T> values) {
  std::string out;
  for (const T value : values) {
    out.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  return out;
}

using Values = std::vector<float>;

// All sixteen codes in order, two in a byte.
const std::string kAllCodes = bytes({0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe});
const Values kE2m1 = {0, .5, 1, 1.5, 2, 3, 4, 6, 0, -.5, -1, -1.5, -2, -3, -4, -6};

Values times(Values values, float factor) {
  for (float& value : values) value *= factor;
  return values;
}

}  // namespace

TEST_CASE("MLX nvfp4 is E2M1 with an E4M3 scale for each 16", "[checkpoint][quantised]") {
  // 0x40 is 2 in E4M3; 0x30 is a half.
  const auto found = decoded({{".weight", DType::u32, {1, 4}, kAllCodes + kAllCodes},
                              {".scales", DType::u8, {1, 2}, bytes({0x40, 0x30})}},
                             R"({"mode":"nvfp4","group_size":16,"bits":4})");
  CHECK(found.format == "MLX NVFP4");
  CHECK(found.shape == std::vector<uint64_t>{1, 32});
  Values wanted = times(kE2m1, 2);
  for (const float value : times(kE2m1, .5f)) wanted.push_back(value);
  CHECK(found.values == wanted);
}

TEST_CASE("MLX mxfp8 is E4M3 with a power of two for each 32", "[checkpoint][quantised]") {
  const std::vector<Part> parts = {{".weight", DType::u32, {1, 8}, bytes({0x38, 0xb8, 0x01, 0x7e})},
                                   {".scales", DType::u8, {1, 1}, bytes({128})}};
  const auto found = decoded(parts, R"({"mode":"mxfp8","group_size":32,"bits":8})");
  CHECK(found.format == "MLX MXFP8");
  Values wanted(32, 0.0f);
  wanted[0] = 2, wanted[1] = -2, wanted[2] = 1.0f / 256, wanted[3] = 896;
  CHECK(found.values == wanted);
  // The shapes of the tensors say it too.
  CHECK(decoded(parts).values == wanted);
}

TEST_CASE("modules of one MLX model may have different modes", "[checkpoint][quantised]") {
  const auto found = decoded({{".weight", DType::u32, {1, 4}, kAllCodes + kAllCodes},
                              {".scales", DType::u8, {1, 1}, bytes({127})}},
                             R"({"mode":"affine","bits":4,"layer":{"mode":"mxfp4"}})");
  CHECK(found.format == "MLX MXFP4");
  CHECK(Values(found.values.begin(), found.values.begin() + 16) == kE2m1);
}

TEST_CASE("HQQ keeps codes of 5 bits in whole bytes", "[checkpoint][quantised]") {
  std::string codes;
  for (unsigned code = 0; code < 32; ++code) codes += static_cast<char>(code);
  const auto found = decoded({{".W_q", DType::u8, {1, 32}, codes},
                              {".scale", DType::f32, {1, 1}, numbers({.5f})},
                              {".zero", DType::f32, {1, 1}, numbers({3.f})},
                              {".shape", DType::i64, {2}, numbers<int64_t>({4, 8})},
                              {".group_size", DType::i64, {}, numbers<int64_t>({32})},
                              {".axis", DType::i64, {}, numbers<int64_t>({1})},
                              {".nbits", DType::i64, {}, numbers<int64_t>({5})},
                              {".packing", DType::u8, {7}, "8bit_u8"}});
  CHECK(found.format == "HQQ 5 bit, group 32");
  CHECK(found.shape == std::vector<uint64_t>{4, 8});
  CHECK(found.values[0] == -1.5f);
  CHECK(found.values[31] == 14.0f);
}

TEST_CASE("a 2:4 sparse matrix has its values where the mask has bits", "[checkpoint][quantised]") {
  const std::vector<Part> parts = {
      {".compressed", DType::f32, {2, 4}, numbers<float>({1, 2, 3, 4, 5, 6, 7, 8})},
      {".bitmask", DType::u8, {2, 1}, bytes({0x53, 0xca})},  // columns 0 1 4 6; 1 3 6 7
      {".shape", DType::i64, {2, 1}, numbers<int64_t>({2, 8})}};
  const auto found = decoded(parts);
  CHECK(found.format == "F32, sparse 2:4");
  CHECK(found.values == Values{1, 2, 0, 0, 3, 0, 4, 0, 0, 5, 0, 6, 0, 0, 7, 8});
  // Quantised as well: E4M3 codes (0x38 is 1, 0x40 is 2) with scales of rows.
  std::vector<Part> scaled = with(parts, {".compressed",
                                          DType::f8_e4m3,
                                          {2, 4},
                                          bytes({0x38, 0x40, 0x38, 0x40, 0xb8, 0xb8, 0x40, 0x40})});
  scaled.push_back({".weight_scale", DType::f32, {2, 1}, numbers({.5f, 2.f})});
  const auto both = decoded(scaled);
  CHECK(both.format == "FP8, scales of rows, sparse 2:4");
  CHECK(both.values == Values{.5, 1, 0, 0, .5, 0, 1, 0, 0, -2, 0, -2, 0, 0, 4, 4});
}

TEST_CASE("rows of a sparse matrix may have any number of values", "[checkpoint][quantised]") {
  const auto found = decoded({{".compressed", DType::f32, {5}, numbers<float>({1, 2, 3, 4, 5})},
                              {".bitmask",
                               DType::u8,
                               {3, 2},
                               bytes({0x00, 0x00, 0x81, 0x02, 0x10, 0x01})},  // none; 0 7 9; 4 8
                              {".shape", DType::i64, {2}, numbers<int64_t>({3, 10})},
                              {".row_offsets", DType::i64, {3}, numbers<int64_t>({0, 0, 3})}});
  CHECK(found.format == "F32, sparse");
  Values wanted(30, 0.0f);
  wanted[10] = 1, wanted[17] = 2, wanted[19] = 3, wanted[24] = 4, wanted[28] = 5;
  CHECK(found.values == wanted);
}

TEST_CASE("ModelOpt INT4 has two rows in a byte", "[checkpoint][quantised]") {
  // Low halves are row 0, high halves row 1; 8 to 15 are -8 to -1.
  const auto found = decoded({{".weight", DType::u8, {1, 4}, bytes({0x1f, 0x28, 0x70, 0x97})},
                              {".weight_scale", DType::f32, {2, 2}, numbers<float>({1, 2, 3, 4})},
                              {".weight_scale_2", DType::f32, {}, numbers({100.f})}});
  CHECK(found.format == "ModelOpt INT4, group 2");
  CHECK(found.shape == std::vector<uint64_t>{2, 4});
  CHECK(found.values == Values{-1, -8, 0, 14, 3, 6, 28, -28});
}

TEST_CASE("ModelOpt NVFP4 may be experts with a scale each", "[checkpoint][quantised]") {
  const auto found = decoded({{".weight", DType::u8, {2, 1, 8}, kAllCodes + kAllCodes},
                              {".weight_scale", DType::f8_e4m3, {2, 1, 1}, bytes({0x38, 0x40})},
                              {".weight_scale_2", DType::f32, {2}, numbers({.5f, 4.f})}});
  CHECK(found.format == "NVFP4");
  CHECK(found.shape == std::vector<uint64_t>{2, 1, 16});
  Values wanted = times(kE2m1, .5f);
  for (const float value : times(kE2m1, 8)) wanted.push_back(value);
  CHECK(found.values == wanted);
}

TEST_CASE("ModelOpt MXFP4 has exponents in bytes", "[checkpoint][quantised]") {
  const auto found = decoded({{".weight", DType::u8, {1, 16}, kAllCodes + kAllCodes},
                              {".weight_scale", DType::u8, {1, 1}, bytes({126})}});
  CHECK(found.format == "MXFP4");
  CHECK(Values(found.values.begin(), found.values.begin() + 16) == times(kE2m1, .5f));
}

TEST_CASE("MXFP6 has four codes in three bytes", "[checkpoint][quantised]") {
  // 1, 8, 31 and 33: an eighth, 1, 7.5 and minus an eighth.
  const auto found = decoded({{".weight_packed", DType::u8, {1, 24}, bytes({0x01, 0xf2, 0x85})},
                              {".weight_scale", DType::u8, {1, 1}, bytes({128})}});
  CHECK(found.format == "MXFP6");
  CHECK(found.shape == std::vector<uint64_t>{1, 32});
  CHECK(Values(found.values.begin(), found.values.begin() + 4) == Values{.25, 2, 15, -.25});
}

TEST_CASE("EETQ has its bytes in the order of its kernel", "[checkpoint][quantised]") {
  std::string codes(128 * 64, '\x80');  // [128 inputs, 64 outputs], all 0
  codes[1] = '\x81';                    // output 0: inputs 0 8 1 9 2 10 3 11 4 12 ...
  codes[4] = '\x82';
  codes[64 + 16] = '\x83';   // output 1, input 16
  codes[128 + 63] = '\x84';  // output 0, input 64 + 63
  codes[256 + 2] = '\x7f';   // output 2, input 1
  std::string scales;
  for (int i = 0; i < 64; ++i) scales += numbers<float>({i == 0 ? 2.f : 1.f});
  const auto found = decoded(
      {{".weight", DType::i8, {128, 64}, codes}, {".weight_scales", DType::f32, {64}, scales}});
  CHECK(found.format == "EETQ INT8");
  CHECK(found.shape == std::vector<uint64_t>{64, 128});
  Values wanted(64 * 128, 0.0f);
  wanted[8] = 2, wanted[2] = 4, wanted[128 + 16] = 3, wanted[127] = 8, wanted[2 * 128 + 1] = -1;
  CHECK(found.values == wanted);
}
