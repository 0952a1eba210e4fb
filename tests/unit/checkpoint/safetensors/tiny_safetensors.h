// Small weights files for tests: a header made by the library, then given bytes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "checkpoint/safetensors/safetensors.h"

namespace wmk::test {

// One U8 tensor for each (name, bytes).
inline std::string tiny_file(const std::vector<std::pair<std::string, std::string>>& content) {
  std::vector<checkpoint::Tensor> tensors;
  std::string data;
  for (const auto& [name, bytes] : content) {
    tensors.push_back({.name = name,
                       .dtype = checkpoint::DType::u8,
                       .shape = {bytes.size()},
                       .bytes = bytes.size()});
    data += bytes;
  }
  return checkpoint::safetensors_header_bytes(tensors, {{"format", "pt"}}) + data;
}

}  // namespace wmk::test
