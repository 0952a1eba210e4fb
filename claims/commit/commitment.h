// The commitment: what an owner fixes before a release, so that nothing can be chosen afterwards
// (specs/commitment.md 1).
//
// Purpose: the signed statement with the scheme, its parameters, the thresholds and the root of the
// secrets. It is written deterministically and parsed strictly; its signature is checked elsewhere
// (claims/commit/check_commitment.h).
// Lifetime and thread-safety: plain values; pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/merkle.h"
#include "embed/sites/site.h"
#include "sign/reason.h"

namespace wmk::claims {

inline constexpr std::string_view kCommitmentType = "urn:weightmark:commitment:v1";
inline constexpr double kDefaultLambda = 12;  // of the e-value exp(lambda z - lambda^2 / 2)
inline constexpr double kLambdaMax = 64;

// How the release is going to be marked.
struct CommittedMark {
  std::string scheme;    // "ctss-v1"
  double strength = 0;   // eps of the whole mark
  unsigned shares = 0;   // 1 to 4
  embed::Sites sites{};  // at least one
  uint64_t width = 0;    // d
  uint64_t weights = 0;  // N
  bool string_labels = true;
};

struct Commitment {
  std::string subject;  // name of the model, for display only
  Bytes base;           // root digest of the unmarked model, as an OMS bundle has it
  CommittedMark mark;
  double alpha = 0;                    // of the verdict "detected"
  double lambda = 0;                   // of the e-value
  Bytes rules;                         // SHA-256 of the page with the verdict rules
  std::string program;                 // "weightmark 0.1.0"
  std::string key;                     // public name of the master key: "wm1..."
  Bytes nonce;                         // 32 bytes
  std::string signer;                  // hint of the signer's key
  crypto::TreeHash root{};             // of the tree
  std::vector<crypto::TreeHash> path;  // of the signer's leaf
  std::optional<Bytes> previous;       // digest of the signer's commitment before this one
};

// A list of hashes in hexadecimal; nullopt if it is not one, or longer than any path.
std::optional<std::vector<crypto::TreeHash>> path_member(const json::Value& object,
                                                         std::string_view key);
std::string commitment_text(const Commitment& commitment);
// If the payload is not a commitment that this program can judge: nullopt, with the reason
// (commitment_malformed, commitment_parameters).
std::optional<Commitment> parse_commitment(const std::string& payload, sign::Findings& findings);
// The commitment's digest: SHA-256 of the payload.
Bytes commitment_digest(std::string_view payload);

// SHA-256 of specs/verdicts.md, as this program was built.
Bytes verdict_rules();

}  // namespace wmk::claims
