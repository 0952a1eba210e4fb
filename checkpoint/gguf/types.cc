#include "checkpoint/gguf/types.h"

#include <algorithm>
#include <array>

#include "checkpoint/gguf/decode.h"

namespace wmk::checkpoint {

namespace {

constexpr std::array<GgufType, 33> kTypes = {{
    {0, "F32", 1, 4, decode_f32, DType::f32},
    {1, "F16", 1, 2, decode_f16, DType::f16},
    {2, "Q4_0", 32, 18, decode_q4_0},
    {3, "Q4_1", 32, 20, decode_q4_1},
    {6, "Q5_0", 32, 22, decode_q5_0},
    {7, "Q5_1", 32, 24, decode_q5_1},
    {8, "Q8_0", 32, 34, decode_q8_0},
    {10, "Q2_K", 256, 84, decode_q2_k},
    {11, "Q3_K", 256, 110, decode_q3_k},
    {12, "Q4_K", 256, 144, decode_q4_k},
    {13, "Q5_K", 256, 176, decode_q5_k},
    {14, "Q6_K", 256, 210, decode_q6_k},
    {16, "IQ2_XXS", 256, 66, decode_iq2_xxs},
    {17, "IQ2_XS", 256, 74, decode_iq2_xs},
    {18, "IQ3_XXS", 256, 98, decode_iq3_xxs},
    {19, "IQ1_S", 256, 50, decode_iq1_s},
    {20, "IQ4_NL", 32, 18, decode_iq4_nl},
    {21, "IQ3_S", 256, 110, decode_iq3_s},
    {22, "IQ2_S", 256, 82, decode_iq2_s},
    {23, "IQ4_XS", 256, 136, decode_iq4_xs},
    {24, "I8", 1, 1, nullptr, DType::i8},
    {25, "I16", 1, 2, nullptr, DType::i16},
    {26, "I32", 1, 4, nullptr, DType::i32},
    {27, "I64", 1, 8, nullptr, DType::i64},
    {28, "F64", 1, 8, nullptr, DType::f64},
    {29, "IQ1_M", 256, 56, decode_iq1_m},
    {30, "BF16", 1, 2, decode_bf16, DType::bf16},
    {34, "TQ1_0", 256, 54, decode_tq1_0},
    {35, "TQ2_0", 256, 66, decode_tq2_0},
    {39, "MXFP4", 32, 17, decode_mxfp4},
    {40, "NVFP4", 64, 36, decode_nvfp4},
    {41, "Q1_0", 128, 18, decode_q1_0},
    {42, "Q2_0", 64, 18, decode_q2_0},
}};

}  // namespace

const GgufType* find_gguf_type(uint32_t id) {
  const auto at = std::find_if(kTypes.begin(), kTypes.end(),
                               [&](const GgufType& type) { return type.id == id; });
  return at == kTypes.end() ? nullptr : &*at;
}

}  // namespace wmk::checkpoint
