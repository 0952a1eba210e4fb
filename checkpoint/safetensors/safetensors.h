// The safetensors header, read more strictly than the reference reader does.
//
// Purpose: refuses files that two parsers could read in two ways (duplicate keys after unescaping,
// unknown fields, holes, overlaps, bytes after the last tensor: specs/checkpoint.md).
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kHeaderBytesMax = 100'000'000;

struct SafetensorsHeader {
  std::vector<Tensor> tensors;  // by offset; Tensor::file is 0
  std::vector<std::pair<std::string, std::string>> metadata;
  uint64_t data_begin = 0;  // 8 + header length
};

// Error messages begin with the kind of failure as the reference reader names it ("InvalidOffset:
// tensor 'x': ..."); files that only we refuse have kinds of their own ("DuplicateKey: ...").
Result<SafetensorsHeader> read_safetensors_header(const ReadFile& file);

// Parses only the JSON part, for tests and fuzzing. `data_bytes`: size of the data that follow it.
Result<SafetensorsHeader> parse_safetensors_header(std::string json, uint64_t data_bytes);

// The header bytes (length word, JSON padded with spaces to 8) for tensors packed in the given
// order; Tensor::offset is ignored.
std::string safetensors_header_bytes(
    const std::vector<Tensor>& tensors,
    const std::vector<std::pair<std::string, std::string>>& metadata);

}  // namespace wmk::checkpoint
