// The arbitrator's trust folder: the only roots of trust of an arbitration (specs/arbitration.md
// 1).
//
// Lifetime: owns its keys. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "claims/arbitrate/times.h"
#include "claims/arbitrate/trusted_keys.h"
#include "claims/log/policy.h"
#include "sign/bundle/bundle.h"
#include "sign/keyless/trusted_root.h"
#include "sign/keys/certificate.h"

namespace wmk::claims {

struct TrustFolder {
  std::vector<TrustedKey> keys;                    // keys/*.pem, by name
  std::vector<sign::ExpectedIdentity> identities;  // accused.identities
  std::optional<sign::TrustAnchors> authorities;   // tsa.pem
  std::optional<sign::TrustedRoot> root;           // trusted_root.json
  std::optional<Policy> policy;

  // Errors: a folder without keys; a file that cannot be read; identities without a trusted root.
  static Result<TrustFolder> read(const std::filesystem::path& folder);

  // Whether file names say who this party is.
  bool binds(Role role) const;
  // Whether the key may stand for this party: one that is bound to it or, if none is, one that is
  // bound to nobody. Role::none: any party but the claimant.
  bool may_be(const TrustedKey& key, Role role) const;
  // The key that the bundle names, whatever its role; null if the folder does not have it.
  const TrustedKey* signer_of(const sign::Bundle& bundle) const;
  // The times at which trusted authorities saw the bundle's signature. A source is the operator of
  // an authority of the trusted root, or a root of tsa.pem: one authority may have several keys.
  std::vector<TimeSource> times_of(const sign::Bundle& bundle) const;
};

}  // namespace wmk::claims
