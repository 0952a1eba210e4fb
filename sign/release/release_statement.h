// The release statement: what the publisher states about a model in addition to its OMS bundle
// (specs/signing.md 9).
//
// Purpose: tensors with their digests, the commitment to the mark, licence and base model. It has
// an envelope of its own and refers to the OMS bundle by its root, because the format of OMS
// bundles has no place for it. Lifetime and thread-safety: plain values; pure functions.
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

// Public facts about the mark of the release, as its commitment states them.
struct ReleasedMark {
  std::string scheme;
  double strength = 0;
  uint64_t shares = 0;
  std::vector<std::string> sites;
  Bytes base;  // root of the unmarked model

  bool operator==(const ReleasedMark&) const = default;
};

struct ReleaseStatement {
  std::string subject;     // name of the model, for display only
  Bytes root;              // of the OMS bundle
  Bytes manifest;          // strict_digest() of its resources
  std::string licence;     // empty: not stated
  std::string base_model;  // empty: not stated
  std::string commitment;  // hexadecimal digest of the commitment to the mark, or empty
  std::optional<ReleasedMark> mark = std::nullopt;
  std::vector<ReleaseNotice> notices;
  std::vector<TensorDigest> tensors;  // sorted by name
};

// SHA-256 over, for each resource, the length of the name, the name, the length of the digest and
// the digest; lengths are 8 bytes, little-endian. Unlike the root it binds names to digests.
Bytes strict_digest(const std::vector<Resource>& resources);

std::string release_text(const ReleaseStatement& statement);
// If the payload is not a release statement: nullopt, with the reason (own_statement).
std::optional<ReleaseStatement> parse_release(const std::string& payload, Findings& findings);

}  // namespace wmk::sign
