// Commitments of the signer who is at work.
//
// Thread-safety: main thread only.
#pragma once

#include <string>

#include "claims/commit/check.h"
#include "sign/seal.h"

namespace wmk::cli {

// A commitment that this signer has made; anything else is an Error.
Result<claims::CheckedCommitment> own_commitment(const std::string& path,
                                                 const sign::PublicKey& signer);

// Fills in digest and mark where `words.commitment` names a file; a digest stays as it is.
Status add_commitment(const sign::PublicKey& signer, sign::ReleaseInfo& words);

}  // namespace wmk::cli
