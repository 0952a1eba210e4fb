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
#include "claims/log/policy.h"
#include "sign/bundle/bundle.h"
#include "sign/keyless/trusted_root.h"
#include "sign/keys/certificate.h"
#include "sign/keys/key.h"

namespace wmk::claims {

struct TrustFolder {
  std::vector<sign::PublicKey> keys;              // keys/*.pem, by name
  std::vector<std::string> names;                 // of their files
  std::optional<sign::TrustAnchors> authorities;  // tsa.pem
  std::optional<sign::TrustedRoot> root;          // trusted_root.json: its timestamp authorities
  std::optional<Policy> policy;

  // Errors: a folder without keys; a file that cannot be read.
  static Result<TrustFolder> read(const std::filesystem::path& folder);

  // The key that the bundle names; null if the folder does not have it.
  const sign::PublicKey* signer_of(const sign::Bundle& bundle) const;
  // The file of one of `keys`.
  const std::string& name_of(const sign::PublicKey& key) const {
    return names[static_cast<size_t>(&key - keys.data())];
  }
  // The times at which trusted authorities saw the bundle's signature.
  std::vector<TimeSource> times_of(const sign::Bundle& bundle) const;
};

// Regular files of a folder that end in `suffix`, by name; links and the like are left out. Errors:
// more than `count_max`; a folder that cannot be read. No such folder: none.
Result<std::vector<std::filesystem::path>> files_of(const std::filesystem::path& folder,
                                                    std::string_view suffix, size_t count_max);

}  // namespace wmk::claims
