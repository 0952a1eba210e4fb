// The journal of an unfinished embedding: which shards are complete (specs/resume.md 2).
//
// Purpose: written after every finished shard, and read by the run that goes on. It names no secret
// and is authenticated with the key, so that nobody else's shards are taken for finished ones.
// Lifetime: values. Thread-safety: pure functions; they read and write the file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crypto/merkle.h"
#include "embed/resume/run_identity.h"
#include "embed/scheme/change.h"

namespace wmk::embed {

// What a stage of the marking changed: the sums of a run that goes on are those of one that was
// not interrupted.
struct StageChange {
  Change ffn, heads;
};

struct FinishedShard {
  std::string name;
  uint64_t bytes = 0;
  crypto::TreeHash digest{};
};

struct Journal {
  RunIdentity run;
  std::vector<StageChange> stages;  // the first ones, which are done
  std::vector<FinishedShard> shards;
};

inline constexpr uint64_t kJournalBytesMax = 64 << 20;

// One line of JSON, and one with its keyed BLAKE2b-256.
std::string journal_text(const Journal& journal, const crypto::SecretBytes& master);
// Errors (malformed): anything but what journal_text() writes; a code that the key does not give,
// unless the journal names another key, which the caller refuses.
Result<Journal> parse_journal(std::string text, const crypto::SecretBytes& master);

}  // namespace wmk::embed
