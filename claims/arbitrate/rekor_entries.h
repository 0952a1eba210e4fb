// Where public logs of the trusted root (Rekor) have a statement, and since when
// (specs/arbitration.md 3.3).
//
// Lifetime and thread-safety: plain values; pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sign/bundle/bundle.h"
#include "sign/keyless/trusted_root.h"
#include "sign/keys/key.h"

namespace wmk::claims {

struct RekorEntry {
  std::string log, operator_name;  // untrusted text: escape it
  uint64_t index = 0;
  int64_t seconds = 0;  // the time that the log signed
};

// The bundle's entries that hold as specs/keyless.md 2 and 4 have it, with a time that the log
// promised; entries without one, which is all of Rekor v2, are left out.
std::vector<RekorEntry> rekor_entries(const sign::Bundle& bundle, const sign::PublicKey& key,
                                      const sign::TrustedRoot& root);

}  // namespace wmk::claims
