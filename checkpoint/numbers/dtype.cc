#include "checkpoint/numbers/dtype.h"

#include <array>

namespace wmk::checkpoint {
namespace {

struct Row {
  std::string_view name;
  unsigned bits;
};

// By DType.
constexpr std::array<Row, 22> kRows = {{
    {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64},
}};
static_assert(kRows.size() == static_cast<size_t>(DType::u64) + 1);

const Row& row(DType type) { return kRows[static_cast<size_t>(type)]; }

}  // namespace

std::string_view to_string(DType type) { return row(type).name; }

std::optional<DType> parse_dtype(std::string_view name) {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

unsigned bits(DType type) { return row(type).bits; }

bool is_weight_type(DType type) {
  switch (type) {
    case DType::f32:
    case DType::f16:
    case DType::bf16:
    case DType::f8_e4m3:
    case DType::f8_e5m2:
      return true;
    default:
      return false;
  }
}

}  // namespace wmk::checkpoint
