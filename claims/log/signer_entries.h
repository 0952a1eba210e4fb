// Which entries of a log a signer made (specs/log.md 2.4).
//
// Purpose: how many commitments somebody has logged. Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/result.h"
#include "claims/log/tile_store.h"
#include "sign/keys/key.h"

namespace wmk::claims {

// Whether the entry is the canonical body of a signature by this key, logged with the key itself or
// with a certificate, and the signature is valid.
bool is_entry_by(std::string_view entry, const sign::PublicKey& key);
// The indices, in their order. The entries should be verified before.
Result<std::vector<uint64_t>> signer_entries(const TileStore& store, uint64_t size,
                                             const sign::PublicKey& key);

}  // namespace wmk::claims
