// The file of a part (specs/parts.md 1).
//
//   weightmark part of a detection, version 1 \n  <protobuf SealedPart>
//
// Purpose: a part is sealed with a key that follows from the master key, so whoever lacks that can
// neither make one nor change one. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "embed/parts/part_sums.h"

namespace wmk::embed {

inline constexpr uint64_t kPartBytesMax = 1ull << 30;

// What the parts of one detection have in common.
struct PartIdentity {
  std::string program;   // "weightmark 0.1.0"
  std::string suspect;   // digest, 32 bytes
  std::string request;   // digest of the options, 32 bytes
  std::string rounding;  // stats::order_of_sums()
};

struct PartFile {
  unsigned part = 0, parts = 0;
  PartIdentity identity;
  SumsByName sums;
  std::vector<std::string> faults;
};

Status write_part(const std::filesystem::path& path, const crypto::SecretBytes& master,
                  const PartIdentity& identity, const PartSums& sums, bool replace);
// Errors (malformed): not such a file, damaged, or of another key. Sizes of sums are checked where
// they are used.
Result<PartFile> read_part(const std::filesystem::path& path, const crypto::SecretBytes& master);

// The message of a SealedPart, for a fuzzer: without the seal.
Result<PartFile> part_from(std::string_view content);

}  // namespace wmk::embed
