// bitsandbytes: NF4 and FP4 with plain or quantised scales, and LLM.int8 (specs/quantised.md 8).
#include "base/json.h"
#include "checkpoint/matrices/packed_numbers.h"
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

constexpr float kInt8Factor = 7.874015718698502e-3f;

// The JSON document quant_state.
struct State {
  std::string type;
  uint64_t block = 0;
  std::vector<uint64_t> shape;
  uint64_t nested_block = 0;  // 0: the scales are plain
  float nested_offset = 0;
};

Result<State> parse_state(const QuantisedGroup& group, std::string text) {
  auto document = json::Document::parse(std::move(text));
  if (!document) return std::move(document).error().within("quant_state");
  const json::Value root = document->root();
  if (!root.is(json::Kind::object)) return group.malformed("quant_state is not an object");
  const auto whole = [&](std::string_view key) -> uint64_t {
    const auto member = root.find(key);
    return member ? member->unsigned_integer().value_or(0) : 0;
  };
  State out;
  const auto type = root.find("quant_type");
  out.type = type ? type->string().value_or("") : "";
  out.block = whole("blocksize");
  if (const auto shape = root.find("shape"); shape && shape->is(json::Kind::array)) {
    for (const json::Value& extent : *shape) {
      if (out.shape.size() < 9) out.shape.push_back(extent.unsigned_integer().value_or(0));
    }
  }
  out.nested_block = whole("nested_blocksize");
  if (const auto offset = root.find("nested_offset")) {
    out.nested_offset = static_cast<float>(offset->number().value_or(0));
  }
  return out;
}

Result<State> state_of(QuantisedGroup& group) {
  const Tensor* stored = group.find(".weight.quant_state.bitsandbytes__nf4");
  if (stored == nullptr) stored = group.find(".weight.quant_state.bitsandbytes__fp4");
  if (stored == nullptr) return group.malformed("has no quant_state of nf4 or fp4");
  const auto bytes = group.bytes_of(*stored);
  if (!bytes) return bytes.error();
  auto state = parse_state(group, std::string(as_text(*bytes)));
  if (!state) return state;
  if (state->shape.size() != 2 || state->shape[0] == 0 || state->shape[1] == 0) {
    return group.malformed("quant_state does not have the shape of a matrix");
  }
  if (state->block == 0 || state->block > (1 << 20) || state->block % 2 != 0 ||
      state->nested_block > (1 << 20)) {
    return group.malformed("quant_state has the block size ", state->block);
  }
  return state;
}

// A table that is stored with the codes.
Result<Numbers> table(QuantisedGroup& group, std::string_view suffix, uint64_t entries) {
  auto tensor = group.need(suffix);
  if (!tensor) return std::move(tensor).error();
  if (!has_type(**tensor, {DType::f32}) || (*tensor)->elements() != entries) {
    return group.unsuitable(**tensor, cat("F32 [", entries, "]"));
  }
  return plain_numbers(**tensor, 1, entries);
}

// One scale for each block, in their order, as rows x columns.
Result<Numbers> scales_of(QuantisedGroup& group, const State& state, uint64_t blocks, uint64_t rows,
                          uint64_t columns) {
  auto stored = group.need(".weight.absmax");
  if (!stored) return std::move(stored).error();
  const Tensor& absmax = **stored;
  const bool nested = has_type(absmax, {DType::u8});
  if ((!nested && !is_float(absmax)) || absmax.elements() != blocks) {
    return group.unsuitable(absmax, cat("a scale for each of ", blocks, " blocks"));
  }
  if (!nested) return plain_numbers(absmax, rows, columns);
  const Numbers plain = plain_numbers(absmax, 1, blocks);
  if (state.nested_block == 0) return group.malformed("quant_state has no nested_blocksize");
  const auto map = table(group, ".weight.nested_quant_map", 256);
  if (!map) return map.error();
  const uint64_t outer = ceil_div(blocks, state.nested_block);
  const auto of_blocks = table(group, ".weight.nested_absmax", outer);
  if (!of_blocks) return of_blocks.error();
  return reshaped(scaled(looked_up(plain, *map), Formula::times_plus,
                         {*of_blocks, UINT64_MAX, state.nested_block},
                         everywhere(constant_numbers(state.nested_offset))),
                  rows, columns);
}

}  // namespace

Result<std::optional<LogicalTensor>> make_bitsandbytes_4bit(QuantisedGroup& group) {
  auto codes = group.need(".weight");
  if (!codes) return std::move(codes).error();
  const auto state = state_of(group);
  if (!state) return state.error();
  const auto elements = checked_product(state->shape[0], state->shape[1]);
  if (!elements || ceil_div(*elements, 2) != (*codes)->bytes) {
    return group.malformed("quant_state has the shape [", state->shape[0], ", ", state->shape[1],
                           "], which ", (*codes)->bytes, " bytes do not hold");
  }
  const auto map = table(group, ".weight.quant_map", 16);
  if (!map) return map.error();
  const uint64_t out = state->shape[0], in = state->shape[1], block = state->block;
  const uint64_t blocks = ceil_div(*elements, block);
  // Blocks run through the whole matrix. If their size divides the length of a row, parts of rows
  // can be read.
  const bool aligned = in % block == 0;
  const uint64_t rows = aligned ? out : blocks, columns = aligned ? in : block;
  const auto scales = scales_of(group, *state, blocks, rows, columns / block);
  if (!scales) return scales.error();
  const Grid grid{*scales, 1, block};
  Numbers values =
      scaled(looked_up(packed_high_first(**codes, rows, columns), *map), Formula::times, grid);
  if (!aligned) values = reshaped(values, out, in);
  return std::optional(LogicalTensor{
      group.prefix() + ".weight",
      {out, in},
      cat("bitsandbytes ", state->type == "fp4" ? "FP4" : "NF4", ", block ", block,
          has_type(*group.find(".weight.absmax"), {DType::u8}) ? ", scales quantised" : ""),
      values});
}

Result<std::optional<LogicalTensor>> make_bitsandbytes_int8(QuantisedGroup& group) {
  const Tensor* codes = group.find(".weight");
  if (codes == nullptr) return std::optional<LogicalTensor>();
  if (!has_type(*codes, {DType::i8})) return std::optional<LogicalTensor>();
  const Tensor& scales = *group.find(".SCB");
  if (!is_matrix(*codes)) return group.unsuitable(*codes, "a matrix");
  const uint64_t out = codes->shape[0], in = codes->shape[1];
  if (!has_type(scales, {DType::f32}) || scales.shape != std::vector{out}) {
    return group.unsuitable(scales, cat("F32 [", out, "]"));
  }
  if (const Tensor* format = group.find(".weight_format")) {
    const auto bytes = group.bytes_of(*format);
    if (!bytes) return bytes.error();
    if (bytes->size() != 1 || bytes->front() != std::byte{0}) {
      return group.unsupported("LLM.int8 in the memory order of a GPU kernel is not read");
    }
  }
  // In two steps, as in the library: the product of both factors would round differently.
  const Numbers once = scaled(plain_numbers(*codes, out, in), Formula::times,
                              {plain_numbers(scales, out, 1), 1, UINT64_MAX});
  return std::optional(
      LogicalTensor{group.prefix() + ".weight",
                    {out, in},
                    "bitsandbytes INT8",
                    scaled(once, Formula::times, everywhere(constant_numbers(kInt8Factor)))});
}

}  // namespace wmk::checkpoint
