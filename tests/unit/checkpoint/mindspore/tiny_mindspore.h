// Small checkpoints of MindSpore for tests: protobuf messages written by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::test {

inline std::string wire_number(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
  return out;
}

inline std::string wire_bytes(unsigned field, std::string_view content) {
  return wire_number(field << 3 | 2) + wire_number(content.size()) + std::string(content);
}

struct TinyParameter {
  std::string name = "w";
  std::vector<uint64_t> shape = {2, 3};
  std::string type = "Float32";
  std::string content = {};
};

inline std::string wire_tensor(const TinyParameter& parameter) {
  std::string out;
  for (const uint64_t extent : parameter.shape) out += wire_number(1 << 3) + wire_number(extent);
  return out + wire_bytes(2, parameter.type) + wire_bytes(3, parameter.content);
}

inline std::string wire_entry(const TinyParameter& parameter) {
  return wire_bytes(1, wire_bytes(1, parameter.name) + wire_bytes(2, wire_tensor(parameter)));
}

inline std::string tiny_mindspore(const std::vector<TinyParameter>& parameters) {
  std::string out;
  for (const TinyParameter& parameter : parameters) out += wire_entry(parameter);
  return out;
}

}  // namespace wmk::test
