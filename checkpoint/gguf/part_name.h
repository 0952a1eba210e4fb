// Names of the parts of a split GGUF model: NAME-00002-of-00005.gguf.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wmk::checkpoint {

inline constexpr std::string_view kGgufSuffix = ".gguf";

struct GgufPartName {
  std::string stem;
  uint64_t number = 0;  // from 1
  uint64_t count = 0;

  // The name of another part.
  std::string file(uint64_t part) const;
};

// None: the file is not named like a part.
std::optional<GgufPartName> gguf_part_name(std::string_view file);

}  // namespace wmk::checkpoint
