// The trusted root of a Sigstore instance: keys of its logs and roots of its authorities.
//
// Purpose: reads Sigstore's trusted_root.json, which the user gets from a source that they trust
// (for the public instance: its TUF repository). Nothing in a bundle is a root of trust.
// Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sign/keyless/log_key.h"
#include "sign/keyless/time_range.h"

namespace wmk::sign {

inline constexpr uint64_t kTrustedRootBytesMax = 4 << 20;

// A transparency log of signatures (Rekor) or of certificates (CT).
struct TrustedLog {
  std::string name;           // host of its URL; untrusted text in a damaged file: escape it
  std::string operator_name;  // for counting; the name if the file states none
  Bytes id;
  LogKey key;
  TimeRange valid;
};

// An authority for certificates (Fulcio) or timestamps.
struct TrustedChain {
  std::string name, operator_name;
  std::vector<Bytes> certificates;  // DER; the last one is trusted
  TimeRange valid;
};

struct TrustedRoot {
  std::vector<TrustedLog> logs, certificate_logs;
  std::vector<TrustedChain> authorities, timestamp_authorities;

  // A log whose kind of key is unknown is left out. Errors: JSON that is not a trusted root, a
  // missing start of validity, a certificate that cannot be read.
  static Result<TrustedRoot> parse(std::string text);
  static Result<TrustedRoot> read(const std::filesystem::path& path);
};

}  // namespace wmk::sign
