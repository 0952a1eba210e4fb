// Rebuilds a log from its entries and compares (specs/log.md 5).
//
// Purpose: finds every tile that does not follow from the entries, and whether the tree has the
// root that the log signed. Thread-safety: pure functions.
#pragma once

#include <optional>

#include "base/progress.h"
#include "base/result.h"
#include "claims/log/policy.h"
#include "claims/log/tile_store.h"

namespace wmk::claims {

struct VerifyLogRequest {
  const TileStore& store;
  const Policy& policy;
  const SignedCheckpoint* older = nullptr;  // one that was kept: the log must continue it
  unsigned threads = 1;
  Progress* progress = nullptr;
};

struct VerifiedLog {
  LogReasons reasons;
  std::string origin;
  crypto::TreeHead head;  // of the checkpoint
  std::vector<Cosigned> witnesses;
  uint64_t bytes = 0;  // of all entries
};

// Errors: a malformed checkpoint, a file that cannot be read.
Result<VerifiedLog> verify_log(const VerifyLogRequest& request);

}  // namespace wmk::claims
