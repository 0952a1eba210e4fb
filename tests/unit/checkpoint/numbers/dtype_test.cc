#include "checkpoint/numbers/dtype.h"

#include <catch2/catch.hpp>

namespace wmk::checkpoint {

TEST_CASE("every element type is found by its name") {
  for (int i = 0; i <= static_cast<int>(DType::u64); ++i) {
    const auto type = static_cast<DType>(i);
    CHECK(parse_dtype(to_string(type)) == type);
  }
}

TEST_CASE("element types are named and sized as the reference does") {
  CHECK(to_string(DType::boolean) == "BOOL");
  CHECK(to_string(DType::f8_e8m0) == "F8_E8M0");
  CHECK(to_string(DType::bf16) == "BF16");
  CHECK(to_string(DType::u64) == "U64");
  CHECK(bits(DType::f4) == 4);
  CHECK(bits(DType::f6_e3m2) == 6);
  CHECK(bits(DType::f8_e5m2fnuz) == 8);
  CHECK(bits(DType::i16) == 16);
  CHECK(bits(DType::f32) == 32);
  CHECK(bits(DType::c64) == 64);
}

TEST_CASE("names of element types are case-sensitive") {
  CHECK(!parse_dtype("bf16"));
  CHECK(!parse_dtype("BF16 "));
  CHECK(!parse_dtype(""));
  CHECK(!parse_dtype("F8"));
}

TEST_CASE("only plain floating types hold weights") {
  int count = 0;
  for (int i = 0; i <= static_cast<int>(DType::u64); ++i) {
    count += is_weight_type(static_cast<DType>(i));
  }
  CHECK(count == 5);
  CHECK(is_weight_type(DType::f8_e4m3));
  CHECK(!is_weight_type(DType::f64));
  CHECK(!is_weight_type(DType::f8_e4m3fnuz));
}

}  // namespace wmk::checkpoint
