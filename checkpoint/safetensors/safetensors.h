// The safetensors header, read more strictly than the reference reader does.
//
// Purpose: a file that two parsers could read in two ways is refused (duplicate keys after
// unescaping, unknown fields, holes, overlaps, bytes behind the last tensor: specs/checkpoint.md).
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

// Error messages begin with the kind of failure as the reference names it ("InvalidOffset: tensor
// 'x': ..."), plus our own kinds for what only we refuse ("DuplicateKey: ...").
Result<SafetensorsHeader> read_safetensors_header(const ReadFile& file);

// Parses the JSON part alone; `data_bytes` is what the file holds behind it (for tests and
// fuzzing).
Result<SafetensorsHeader> parse_safetensors_header(std::string json, uint64_t data_bytes);

// The header bytes (length word, JSON padded with spaces to 8) for tensors packed in the given
// order; `offset` of the tensors is not read.
std::string safetensors_header_bytes(
    const std::vector<Tensor>& tensors,
    const std::vector<std::pair<std::string, std::string>>& metadata);

}  // namespace wmk::checkpoint
