// The digest that ties a mark record to the release that it was written for.
//
// Purpose: tells apart the outputs of two runs of `embed`, after a run that was killed between its
// last steps. Thread-safety: pure functions; they read the checkpoint.
#pragma once

#include <string>

#include "base/result.h"
#include "checkpoint/checkpoint.h"

namespace wmk::embed {

// So many bytes of each tensor enter the digest, from its beginning.
inline constexpr uint64_t kDigestSampleBytes = 1024;

// 32 bytes: BLAKE2b-256 over the digests of all weights files in their order; that of a file is
// BLAKE2b-256 over LE64(size), the header and the first kDigestSampleBytes of every tensor in the
// order of the file. Two markings differ in every marked tensor, so samples suffice; hashing all
// bytes would take as long as marking. Names of files do not count.
Result<std::string> release_digest(const checkpoint::Checkpoint& release);

}  // namespace wmk::embed
