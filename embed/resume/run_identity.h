// What must be the same for one run to go on where another was interrupted (specs/resume.md 1).
//
// Lifetime: values. Thread-safety: pure functions; they read the checkpoint.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/layout/anatomy.h"
#include "crypto/secret.h"

namespace wmk::embed {

// Nothing in it is secret: digests are in hexadecimal, and that of the request is keyed, because a
// licensee's id or a strength could be guessed.
struct RunIdentity {
  std::string program;     // version
  std::string arithmetic;  // in which order products are summed: other orders give other bits
  std::string key;         // fingerprint
  std::string source;      // what is marked
  std::string request;     // how it is marked

  bool operator==(const RunIdentity&) const = default;
};

// `request`: the options that change bytes, as text. Errors: reading.
Result<RunIdentity> identity_of(const checkpoint::Checkpoint& source,
                                const checkpoint::Anatomy& anatomy,
                                const std::vector<std::string>& labels,
                                const crypto::SecretBytes& master, const std::string& request);

// Which member differs, in words: "it was begun with another key"; empty: none.
std::string difference(const RunIdentity& begun, const RunIdentity& now);

}  // namespace wmk::embed
