#include "checkpoint/adapter/gguf_lora.h"

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/gguf/blocks.h"
#include "checkpoint/gguf/model.h"

namespace wmk::checkpoint {

namespace {

Result<GgufValues> values_of(const std::filesystem::path& path) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  auto header = read_gguf_header(*file);
  if (!header) return std::move(header).error().within(file->name());
  return std::move(header->values);
}

// The type in GGUF of a tensor that is stored as plain numbers.
const GgufType* plain_type_of(const Tensor& tensor) {
  switch (tensor.dtype) {
    case DType::f32:
      return find_gguf_type(0);
    case DType::f16:
      return find_gguf_type(1);
    case DType::bf16:
      return find_gguf_type(30);
    default:
      return nullptr;
  }
}

}  // namespace

bool is_gguf_adapter(const std::filesystem::path& path) {
  auto file = ReadFile::open(path);
  char sign[4] = {};
  if (!file || file->size() < sizeof sign ||
      !file->read_at(0, std::as_writable_bytes(std::span(sign))) ||
      std::string_view(sign, sizeof sign) != "GGUF") {
    return false;
  }
  const auto values = values_of(path);
  return values && values->text("general.type") == "adapter";
}

Result<GgufLora> read_gguf_lora(const std::filesystem::path& path) {
  const auto values = values_of(path);
  if (!values) return values.error();
  const std::string_view type = values->text("adapter.type").value_or("");
  if (type != "lora") {
    return Error(ErrorCode::unsupported,
                 cat("adapters of type '", escaped(type.substr(0, 100)), "' are not read"));
  }
  GgufLora out;
  out.architecture = values->text("general.architecture").value_or("");
  const GgufValue* stored = values->find("adapter.lora.alpha");
  const auto* number = stored ? std::get_if<double>(&stored->value) : nullptr;
  const double alpha = number ? *number : 0;
  if (!(alpha >= 0 && alpha <= 1e9))
    return malformed("adapter.lora.alpha is not a positive number");
  // llama.cpp: no alpha is a scale of 1.
  out.config.alpha = alpha;
  out.config.is_unscaled = alpha == 0;
  return out;
}

Status restore_rows(const GgufLora& lora, const Config& base_config, std::string_view base,
                    Tensor& b) {
  const uint64_t heads = gguf_rotary_heads(base_config, lora.architecture, base);
  if (heads == 0) return {};
  const GgufType* type = b.encoding ? nullptr : plain_type_of(b);
  if (type == nullptr) {
    return Error(ErrorCode::unsupported, "B of a query or key matrix is not stored as floats");
  }
  if (heads > b.shape[0] || b.shape[0] % (2 * heads) != 0) {
    return malformed(cat("B has ", b.shape[0], " rows, the base ", heads, " heads"));
  }
  b.encoding = gguf_rotary_rows(*type, {b.file, b.offset, b.bytes, b.shape[1]}, b.shape[0], heads);
  b.dtype = DType::f32;
  b.bytes = b.elements() * sizeof(float);
  return {};
}

}  // namespace wmk::checkpoint
