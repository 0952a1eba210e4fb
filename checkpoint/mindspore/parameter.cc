#include "checkpoint/mindspore/parameter.h"

#include <utility>

#include "base/text.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kTypeBytesMax = 64;

struct ParameterType {
  std::string_view name;
  DType type;
};

constexpr ParameterType kParameterTypes[] = {
    {"Float16", DType::f16},        {"BFloat16", DType::bf16}, {"Float32", DType::f32},
    {"Float64", DType::f64},        {"Int8", DType::i8},       {"Int16", DType::i16},
    {"Int32", DType::i32},          {"Int64", DType::i64},     {"UInt8", DType::u8},
    {"UInt16", DType::u16},         {"UInt32", DType::u32},    {"UInt64", DType::u64},
    {"Bool", DType::boolean},       {"Complex64", DType::c64}, {"Float8E4M3FN", DType::f8_e4m3},
    {"Float8E5M2", DType::f8_e5m2},
};

Status check_parameter_name(std::string_view name) {
  if (name.empty()) return malformed("a tensor has no name");
  for (const unsigned char c : name) {
    if (c < 0x20 || c == 0x7F) return malformed("a tensor's name has a control character");
  }
  return {};
}

// Reads messages in which every field but the dimensions occurs once: where a field occurs twice,
// readers differ in whether they take the last one or merge both.
class ParameterReader {
 public:
  explicit ParameterReader(WireReader& reader) : reader_(reader) {}

  Status entry(WireRange range);
  Status tensor(WireRange range);
  Parameter take() { return std::move(out_); }
  const std::string& name() const { return out_.name; }

 private:
  Status dimension(uint64_t value);
  Status dimensions(WireRange range);
  Status text(const WireField& field, bool& has, uint64_t bytes_max, std::string& to);
  static Status once(bool& has, const WireField& field);

  WireReader& reader_;
  Parameter out_;
  bool has_name_ = false, has_tensor_ = false, has_type_ = false, has_content_ = false;
};

Status ParameterReader::once(bool& has, const WireField& field) {
  if (field.is_number) return malformed(cat("field ", field.number, " is a number"));
  if (has) return malformed(cat("field ", field.number, " occurs twice"));
  has = true;
  return {};
}

Status ParameterReader::text(const WireField& field, bool& has, uint64_t bytes_max,
                             std::string& to) {
  if (auto status = once(has, field); !status) return status;
  auto text = reader_.text(field.bytes, bytes_max);
  if (!text) return std::move(text).error();
  to = *std::move(text);
  return {};
}

Status ParameterReader::entry(WireRange range) {
  WireRange tensor_range;
  while (range.begin < range.end) {
    const auto field = reader_.take_field(range);
    if (!field) return field.error();
    Status status;
    if (field->number == 1) {
      status = text(*field, has_name_, kParameterNameBytesMax, out_.name);
      if (status) status = check_parameter_name(out_.name);
    } else if (field->number == 2) {
      status = once(has_tensor_, *field);
      tensor_range = field->bytes;
    } else if (field->number == 3) {
      status = Error(ErrorCode::unsupported, "has a map of tensors, which is not read");
    } else {
      status = malformed(cat("has an unknown field ", field->number));
    }
    if (!status) return status;
  }
  if (!has_name_) return malformed("a tensor has no name");
  if (!has_tensor_) return malformed("has no tensor");
  return tensor(tensor_range);
}

Status ParameterReader::dimension(uint64_t value) {
  if (out_.shape.size() == kParameterDimensionsMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("more than ", kParameterDimensionsMax, " dimensions"));
  }
  if (value > INT64_MAX) return malformed("a dimension is negative");
  out_.shape.push_back(value);
  return {};
}

Status ParameterReader::dimensions(WireRange range) {
  while (range.begin < range.end) {
    const auto value = reader_.take_number(range);
    if (!value) return value.error();
    if (auto status = dimension(*value); !status) return status;
  }
  return {};
}

Status ParameterReader::tensor(WireRange range) {
  while (range.begin < range.end) {
    const auto field = reader_.take_field(range);
    if (!field) return field.error();
    Status status;
    if (field->number == 1) {
      status = field->is_number ? dimension(field->value) : dimensions(field->bytes);
    } else if (field->number == 2) {
      status = text(*field, has_type_, kTypeBytesMax, out_.type);
    } else if (field->number == 3) {
      status = once(has_content_, *field);
      out_.content = field->bytes;
    } else {
      status = malformed(cat("has an unknown field ", field->number));
    }
    if (!status) return status;
  }
  if (!has_type_) return malformed("has no type");
  if (!has_content_) return malformed("has no content");
  return {};
}

}  // namespace

Result<Parameter> read_parameter(WireReader& reader, WireRange range) {
  ParameterReader entry(reader);
  auto status = entry.entry(range);
  if (status) return entry.take();
  if (entry.name().empty() || status.error().code() == ErrorCode::io) {
    return std::move(status).error();
  }
  return std::move(status).error().within(
      cat("tensor '", escaped(entry.name().substr(0, 200)), "'"));
}

std::optional<DType> parameter_dtype(std::string_view type) {
  for (const ParameterType& known : kParameterTypes) {
    if (known.name == type) return known.type;
  }
  return std::nullopt;
}

}  // namespace wmk::checkpoint
