// Entries of transparency logs as bundles contain them.
//
// Purpose: reads their JSON; whether a log made the entry is verified in sign/keyless.
// Lifetime and thread-safety: plain values; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/merkle.h"
#include "sign/reason.h"

namespace wmk::sign {

struct InclusionProof {
  uint64_t index = 0, size = 0;
  Bytes root;  // may be empty
  std::vector<crypto::TreeHash> path;
  std::string checkpoint;  // a signed note
};

struct LogEntry {
  uint64_t index = 0;
  Bytes log_id;
  std::string kind, version;  // "hashedrekord", "0.0.2"
  uint64_t time = 0;          // Unix seconds, integrated into the log; 0: not stated
  Bytes promise;              // the signed entry timestamp; may be empty
  std::optional<InclusionProof> proof;
  std::string body;  // JSON; the leaf of the log
};

// The member 'tlogEntries'; an invalid one is a reason.
bool read_log_entries(const json::Value& list, std::vector<LogEntry>& entries, Findings& findings);

}  // namespace wmk::sign
