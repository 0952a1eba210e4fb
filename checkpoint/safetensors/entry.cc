#include "checkpoint/safetensors/entry.h"

#include <optional>
#include <vector>

namespace wmk::checkpoint {
namespace {

bool has_control_character(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 =
        c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F || c1) return true;
  }
  return false;
}

// An array of integers, without fraction or exponent.
std::optional<std::vector<uint64_t>> whole_numbers(const json::Value& value) {
  if (!value.is(json::Kind::array)) return std::nullopt;
  std::vector<uint64_t> numbers;
  numbers.reserve(value.size());
  for (const json::Value item : value) {
    const auto number = item.unsigned_integer();
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

Status read_field(const json::Value& field, HeaderEntry& entry) {
  const std::string_view key = field.key();
  const auto who = [&] { return shown_tensor(entry.tensor.name); };
  if (key == "dtype") {
    const auto text = field.string();
    if (!text) return header_failure(kSyntax, who(), ": 'dtype' is not a string");
    const auto dtype = parse_dtype(*text);
    if (!dtype)
      return header_failure(kSyntax, who(), ": unknown dtype '", escaped(text->substr(0, 40)), "'");
    entry.tensor.dtype = *dtype;
  } else if (key == "shape") {
    auto shape = whole_numbers(field);
    if (!shape) return header_failure(kSyntax, who(), ": 'shape' is not a list of whole numbers");
    entry.tensor.shape = std::move(*shape);
  } else if (key == "data_offsets") {
    const auto offsets = whole_numbers(field);
    if (!offsets || offsets->size() != 2) {
      return header_failure(kSyntax, who(), ": 'data_offsets' is not a pair of whole numbers");
    }
    entry.begin = (*offsets)[0];
    entry.end = (*offsets)[1];
  } else {
    return header_failure("UnknownField", who(), ": field '", escaped(key.substr(0, 40)), "'");
  }
  return {};
}

}  // namespace

std::string shown_tensor(std::string_view name) {
  constexpr size_t bytes_max = 200;
  const std::string text = escaped(name.substr(0, bytes_max));
  return cat("tensor '", text, name.size() > bytes_max ? "...'" : "'");
}

Result<HeaderEntry> read_entry(const json::Value& member) {
  HeaderEntry entry;
  entry.tensor.name = member.key();
  const std::string_view name = entry.tensor.name;
  if (name.empty()) return header_failure("InvalidName", "a tensor has no name");
  if (has_control_character(name)) {
    return header_failure("InvalidName", shown_tensor(name), ": control character in the name");
  }
  if (!member.is(json::Kind::object))
    return header_failure(kSyntax, shown_tensor(name), ": is not an object");
  for (const json::Value field : member) {
    if (auto status = read_field(field, entry); !status) return std::move(status).error();
  }
  for (const char* wanted : {"dtype", "shape", "data_offsets"}) {
    if (!member.find(wanted))
      return header_failure(kSyntax, shown_tensor(name), ": '", wanted, "' is missing");
  }
  return entry;
}

}  // namespace wmk::checkpoint
