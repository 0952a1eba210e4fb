// Which files belong to a model of which only an address is known: web servers do not list folders.
//
// Purpose: what a model may consist of, by the names of transformers, and what its index and the
// name of a part say. Names from a server are bare file names. Thread-safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::remote {

inline constexpr uint64_t kSmallBytesMax = 64ull << 20;
inline constexpr size_t kShardsMax = 1000;

// Files that are taken along if they are there: configuration, tokenizer, notices.
std::span<const std::string_view> companion_names();
// What a folder may have as weights.
std::span<const std::string_view> usual_indexes();
std::span<const std::string_view> usual_weights();

bool is_index_name(std::string_view name);
// A name that this program reads as weights: .safetensors, .gguf, .bin and others of PyTorch.
bool is_weights_name(std::string_view name);

// The files that an index lists, without doubles.
Result<std::vector<std::string>> shards_of_index(std::string json);

// All parts of a split file ("m-00001-of-00003.gguf"), or the name alone.
std::vector<std::string> parts_of(std::string_view name);

}  // namespace wmk::remote
