// Quantised groups that are malformed, hostile or of a variant that is not read: each is one clear
// error when the tensor is read.
#include <catch2/catch.hpp>

#include "tests/unit/checkpoint/quantised/group_case.h"

using namespace wmk;
using namespace wmk::checkpoint;
using namespace wmk::test;
using Catch::Matchers::Contains;

namespace {

const std::vector<Part> kGptq = {{".qweight", DType::i32, {4, 32}},
                                 {".qzeros", DType::i32, {2, 4}},
                                 {".scales", DType::f16, {2, 32}},
                                 {".g_idx", DType::i32, {32}}};
const std::vector<Part> kAwq = {{".qweight", DType::i32, {32, 4}},
                                {".qzeros", DType::i32, {2, 4}},
                                {".scales", DType::f16, {2, 32}}};
const std::string kShape("\x20\0\0\0\0\0\0\0\x20\0\0\0\0\0\0\0", 16);
const std::vector<Part> kCompressed = {{".weight_packed", DType::i32, {32, 4}},
                                       {".weight_scale", DType::f32, {32, 2}},
                                       {".weight_shape", DType::i64, {2}, kShape},
                                       {".weight_g_idx", DType::i32, {32}}};
const std::vector<Part> kFp8 = {{".weight", DType::f8_e4m3, {32, 32}},
                                {".weight_scale_inv", DType::f32, {1, 1}}};
std::vector<Part> nf4(const std::string& state) {
  return {{".weight", DType::u8, {512, 1}},
          {".weight.absmax", DType::f32, {16}},
          {".weight.quant_map", DType::f32, {16}},
          {".weight.quant_state.bitsandbytes__nf4", DType::u8, {state.size()}, state}};
}
const std::string kState = R"({"quant_type":"nf4","blocksize":64,"shape":[32,32]})";
const std::vector<Part> kHqq = {{".W_q", DType::u8, {8, 64}},
                                {".scale", DType::f16, {16, 1}},
                                {".zero", DType::f16, {16, 1}},
                                {".shape", DType::i64, {2}, kShape},
                                {".group_size", DType::i32, {}, std::string("\x40\0\0\0", 4)},
                                {".axis", DType::i32, {}, std::string("\1\0\0\0", 4)},
                                {".packing", DType::u8, {7}, "4bit_u8"}};
const std::vector<Part> kMlx = {{".weight", DType::u32, {32, 4}},
                                {".scales", DType::f16, {32, 1}},
                                {".biases", DType::f16, {32, 1}}};
const std::string kMlxConfig = R"({"bits":4,"group_size":32})";
const std::vector<Part> kNvfp4 = {{".weight_packed", DType::u8, {32, 16}},
                                  {".weight_scale", DType::f8_e4m3, {32, 2}},
                                  {".weight_global_scale", DType::f32, {1}}};
const std::vector<Part> kInt8 = {{"._weight_qdata", DType::i8, {32, 32}},
                                 {"._weight_scale", DType::f32, {32, 1}},
                                 {"._weight_zero_point", DType::i8, {32, 1}}};
const std::vector<Part> kInt4 = {{"._weight_qdata", DType::i8, {32, 16}},
                                 {"._weight_scale", DType::bf16, {2, 32}},
                                 {"._weight_zero_point", DType::bf16, {2, 32}}};
const std::vector<Part> kQuanto8 = {{".weight._data", DType::i8, {32, 32}},
                                    {".weight._scale", DType::f32, {32, 1}}};
const std::vector<Part> kQuanto4 = {{".weight._data._data", DType::u8, {32, 16}},
                                    {".weight._scale", DType::f32, {64, 1}},
                                    {".weight._shift", DType::f32, {64, 1}}};

}  // namespace

TEST_CASE("the groups that the fault cases start from are valid") {
  CHECK(refused(kGptq) == "");
  CHECK(refused(kAwq) == "");
  CHECK(refused(kCompressed) == "");
  CHECK(refused(kFp8) == "");
  CHECK(refused(nf4(kState)) == "");
  CHECK(refused(kHqq) == "");
  CHECK(refused(kMlx, kMlxConfig) == "");
  CHECK(refused(kNvfp4) == "");
  CHECK(refused(kInt8) == "");
  CHECK(refused(kInt4) == "");
  CHECK(refused(kQuanto8) == "");
  CHECK(refused(kQuanto4) == "");
}

TEST_CASE("a group without one of its sidecars is refused and names it", "[bad-input]") {
  CHECK_THAT(refused(without(kGptq, ".scales")), Contains("has no tensor '" + kModule + ".scales"));
  CHECK_THAT(refused(without(kGptq, ".qzeros")), Contains(".qzeros"));
  CHECK_THAT(refused(without(kCompressed, ".weight_shape")), Contains(".weight_shape"));
  CHECK_THAT(refused(without(kCompressed, ".weight_scale")), Contains(".weight_scale"));
  CHECK_THAT(refused(without(nf4(kState), ".weight.quant_map")), Contains(".weight.quant_map"));
  CHECK_THAT(refused(without(nf4(kState), ".weight.quant_state.bitsandbytes__nf4")),
             Contains("no quant_state"));
  for (const char* suffix : {".scale", ".zero", ".shape", ".group_size", ".axis", ".packing"}) {
    CHECK_THAT(refused(without(kHqq, suffix)), Contains(suffix));
  }
  CHECK_THAT(refused(without(kMlx, ".biases"), kMlxConfig), Contains(".biases"));
  CHECK_THAT(refused(without(kNvfp4, ".weight_global_scale")), Contains(".weight_global_scale"));
  CHECK_THAT(refused(without(kInt8, "._weight_scale")), Contains("._weight_scale"));
  CHECK_THAT(refused(without(kInt4, "._weight_zero_point")), Contains("a number for each block"));
  CHECK_THAT(refused(without(kQuanto8, ".weight._scale")), Contains(".weight._scale"));
  CHECK_THAT(refused(without(kQuanto4, ".weight._shift")), Contains(".weight._shift"));
}

TEST_CASE("sidecars with wrong shapes or types are refused", "[bad-input]") {
  CHECK_THAT(refused(with(kGptq, {".qzeros", DType::i32, {2, 5}})), Contains("is expected"));
  CHECK_THAT(refused(with(kGptq, {".qzeros", DType::f32, {2, 4}})), Contains("I32 is expected"));
  CHECK_THAT(refused(with(kGptq, {".scales", DType::i16, {2, 32}})), Contains("a floating type"));
  CHECK_THAT(refused(with(kGptq, {".scales", DType::f16, {2, 31}})), Contains("is expected"));
  CHECK_THAT(refused(with(kGptq, {".g_idx", DType::i32, {31}})), Contains("I32 [32]"));
  CHECK_THAT(refused(with(kGptq, {".qweight", DType::i32, {4}})), Contains("a matrix"));
  CHECK_THAT(refused(with(kGptq, {".qweight", DType::i32, {0, 32}})), Contains("a matrix"));
  CHECK_THAT(refused(with(kAwq, {".scales", DType::f16, {3, 32}})), Contains("[3, 32 / 8]"));
  CHECK_THAT(refused(with(kCompressed, {".weight_scale", DType::f32, {31, 2}})),
             Contains("[32, groups of 32]"));
  CHECK_THAT(refused(with(kCompressed, {".weight_packed", DType::i32, {32, 37}})),
             Contains("codes of 1 to 8 bits"));
  CHECK_THAT(refused(with(kFp8, {".weight_scale_inv", DType::f32, {2, 1}})),
             Contains("block of 128 x 128"));
  CHECK_THAT(refused(with(nf4(kState), {".weight.absmax", DType::f32, {15}})),
             Contains("each of 16 blocks"));
  CHECK_THAT(refused(with(nf4(kState), {".weight.quant_map", DType::f32, {15}})),
             Contains("F32 [16]"));
  CHECK_THAT(refused(with(kHqq, {".W_q", DType::u8, {7, 64}})), Contains("1024 codes as 4bit_u8"));
  CHECK_THAT(refused(with(kHqq, {".zero", DType::f16, {15, 1}})), Contains("for each group"));
  CHECK_THAT(refused(with(kMlx, {".scales", DType::f16, {32, 2}}), kMlxConfig),
             Contains("each 32 codes of 4 bits"));
  CHECK_THAT(refused(with(kNvfp4, {".weight_scale", DType::f8_e4m3, {32, 3}})),
             Contains("each 16 elements"));
}

TEST_CASE("tensors of torchao and quanto with wrong shapes or types are refused", "[bad-input]") {
  CHECK_THAT(refused(with(kInt8, {"._weight_scale", DType::f32, {31, 1}})),
             Contains("a number for each block of [32, 32]"));
  CHECK_THAT(refused(with(kInt8, {"._weight_scale", DType::f32, {32, 5}})), Contains("each block"));
  CHECK_THAT(refused(with(kInt8, {"._weight_zero_point", DType::i8, {16, 1}})),
             Contains("the shape of the scales"));
  CHECK_THAT(refused(with(kInt8, {"._weight_scale", DType::f8_e8m0, {32, 1}})), Contains("MX"));
  CHECK_THAT(refused(with(kInt8, {"._weight_qdata", DType::i32, {32, 4}})), Contains("I32"));
  CHECK_THAT(refused(with(kInt8, {"._weight_qdata", DType::i8, {1024}})), Contains("a matrix"));
  CHECK_THAT(refused(with(kInt4, {"._weight_scale", DType::bf16, {2, 31}})),
             Contains("is expected"));
  std::vector<Part> tiled = kInt4;
  tiled[1].suffix = "._weight_scale_and_zero";
  CHECK_THAT(refused(tiled), Contains("GPU kernel"));
  CHECK_THAT(refused(with(kQuanto8, {".weight._data", DType::u8, {32, 32}})), Contains("I8 or F8"));
  CHECK_THAT(refused(with(kQuanto8, {".weight._scale", DType::f32, {31, 1}})),
             Contains("each of 32 rows"));
  CHECK_THAT(refused(with(kQuanto4, {".weight._scale", DType::f32, {63, 1}})),
             Contains("a shift for each of 63 groups"));
  CHECK_THAT(refused(with(kQuanto4, {".weight._scale", DType::f32, {9, 1}})), Contains("groups"));
  CHECK_THAT(refused(with(kQuanto4, {".weight._data._data", DType::u8, {32, 15}})),
             Contains("do not make a matrix"));
}

TEST_CASE("group indices out of range are an error of the read", "[bad-input]") {
  for (const std::string& place :
       {std::string("\2\0\0\0", 4), std::string("\xff\xff\xff\xff", 4)}) {
    CHECK_THAT(refused(with(kGptq, {".g_idx", DType::i32, {32}, place})),
               Contains("element 0 is in group") && Contains("of 2"));
    CHECK_THAT(refused(with(kCompressed, {".weight_g_idx", DType::i32, {32}, place})),
               Contains("element 0 is in group"));
  }
}

TEST_CASE("a config.json that contradicts the tensors is an error", "[bad-input]") {
  CHECK_THAT(refused(kGptq, R"({"quant_method":"gptq","bits":8})"),
             Contains("holds 4 bit, but config.json says 8"));
  CHECK_THAT(refused(kAwq, R"({"quant_method":"gptq"})"),
             Contains("is stored as awq, but config.json says gptq"));
  CHECK_THAT(refused(kAwq, R"({"quant_method":"awq","group_size":8})"),
             Contains("has 2 groups for 32 inputs, but config.json says groups of 8"));
  CHECK_THAT(refused(kMlx, R"({"bits":8,"group_size":32})"), Contains("8 bits"));
  CHECK_THAT(refused(kMlx, R"({"bits":0,"group_size":32})"), Contains("0 bits"));
  CHECK_THAT(refused(kMlx, R"({"bits":4,"group_size":0})"), Contains("groups of 0"));
  CHECK_THAT(refused(kFp8, R"({"quant_method":"fp8","weight_block_size":[0,0]})") +
                 refused(with(kFp8, {".weight_scale_inv", DType::f32, {2, 2}}),
                         R"({"weight_block_size":[0,0]})"),
             Contains("blocks are empty"));
  CHECK_THAT(refused(kGptq, "[]}{"), Contains("config.json"));
}

TEST_CASE("layouts that are not read are refused by name", "[bad-input]") {
  CHECK_THAT(refused(kAwq, R"({"quant_method":"awq","version":"gemv"})"), Contains("'gemv'"));
  CHECK_THAT(refused(kGptq, R"({"quant_method":"gptq","checkpoint_format":"marlin"})"),
             Contains("'marlin'"));
  CHECK_THAT(refused(with(kHqq, {".packing", DType::u8, {7}, "5bit_u8"})), Contains("'5bit_u8'"));
  CHECK_THAT(refused(kMlx, R"({"bits":4,"group_size":32,"mode":"fp3"})"), Contains("'fp3'"));
}

TEST_CASE("hostile descriptions of a matrix are refused before they cost memory", "[bad-input]") {
  for (const char* state :
       {"", "[]", "{", R"({"blocksize":64,"shape":[32,32]} x)",
        R"({"blocksize":0,"shape":[32,32]})", R"({"blocksize":63,"shape":[32,32]})",
        R"({"blocksize":64})", R"({"blocksize":64,"shape":[32]})",
        R"({"blocksize":64,"shape":[32,-32]})", R"({"blocksize":64,"shape":[32,1e3]})",
        R"({"blocksize":64,"shape":[32,33]})",
        R"({"blocksize":64,"shape":[4294967296,4294967296]})",
        R"({"blocksize":18446744073709551615,"shape":[32,32]})"}) {
    CAPTURE(state);
    CHECK(refused(nf4(state)) != "");
  }
  for (const std::string& shape :
       {std::string("\xff\xff\xff\xff\xff\xff\xff\x7f\x20\0\0\0\0\0\0\0", 16),
        std::string("\x20\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f", 16),
        std::string("\x20\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16),
        std::string(16, '\0')}) {
    CHECK(refused(with(kCompressed, {".weight_shape", DType::i64, {2}, shape})) != "");
    CHECK(refused(with(kHqq, {".shape", DType::i64, {2}, shape})) != "");
  }
  CHECK_THAT(refused(with(kHqq, {".group_size", DType::i32, {}, std::string(4, '\0')})),
             Contains("groups of 0"));
  CHECK_THAT(refused(with(kHqq, {".axis", DType::i32, {}, "\2"})), Contains("axis 2"));
}

TEST_CASE("a tensor that exists both plain and quantised is refused", "[bad-input]") {
  std::vector<Part> both = kGptq;
  both.push_back({".weight", DType::bf16, {32, 32}});
  CHECK_THAT(refused(both), Contains("occurs twice"));
}
