// The digest of a finished shard, by which a later run knows it again (specs/resume.md 2).
//
// Thread-safety: starts its own workers; the digest is the same for any number of them.
#pragma once

#include "base/file.h"
#include "base/progress.h"
#include "crypto/merkle.h"

namespace wmk::embed {

// Small pieces, because each worker holds one.
inline constexpr uint64_t kShardPieceBytes = 1 << 20;

// The root of the Merkle tree (RFC 6962, SHA-256) whose leaves are the pieces of the file: a
// SHA-256 of the whole file could not be shared among processors. `progress` may be null.
Result<crypto::TreeHash> shard_digest(const ReadFile& file, unsigned threads, Progress* progress);

}  // namespace wmk::embed
