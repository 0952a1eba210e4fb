// Our own statement beside an OMS bundle: what a release is, by those who made it
// (specs/signing.md 9).
//
// Purpose: tensors with their digests, the commitment to the mark, licence and origin. It stands in
// an envelope of its own and points to the model by the root of the OMS bundle; nothing of it is
// ever inside that bundle, whose format leaves no room for it.
// Lifetime and thread-safety: plain values; pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sign/manifest/statement.h"
#include "sign/reason.h"
#include "sign/release/tensor_table.h"

namespace wmk::sign {

inline constexpr std::string_view kReleaseType = "urn:weightmark:release:v1";

struct ReleaseNotice {
  std::string kind, file, text;
};

struct ReleaseStatement {
  std::string subject;     // name of the model: for people only
  Bytes root;              // of the OMS bundle
  Bytes manifest;          // strict_digest() of its resources
  std::string licence;     // empty: not told
  std::string base_model;  // the same
  std::string commitment;  // hexadecimal digest of the commitment to the mark, or empty
  std::vector<ReleaseNotice> notices;
  std::vector<TensorDigest> tensors;  // sorted by name
};

// SHA-256 over, for each resource, the name's length, the name, and the digest, lengths as 8 bytes,
// little-endian: unlike the root it binds names to digests.
Bytes strict_digest(const std::vector<Resource>& resources);

std::string release_text(const ReleaseStatement& statement);
// nullopt, and the reason (own_statement).
std::optional<ReleaseStatement> parse_release(const std::string& payload, Findings& findings);

}  // namespace wmk::sign
