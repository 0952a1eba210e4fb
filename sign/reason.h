// Why the answer is no: codes that scripts may rely on (specs/signing.md, reasons).
//
// Purpose: verifying collects every reason it finds, and notes that do not change the answer.
// Lifetime and thread-safety: plain values; one caller.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::sign {

enum class Code : uint8_t {
  duplicate_key,
  bundle_malformed,
  media_type,
  verification_material,
  signature_count,
  payload_type,
  key_unsupported,
  key_hint,
  signature_invalid,
  certificate_malformed,
  certificate_untrusted,
  certificate_expired,
  certificate_not_yet_valid,
  certificate_usage,
  certificate_subject,
  certificate_san,
  timestamp_missing,
  statement_malformed,
  statement_type,
  predicate_type,
  subject,
  root_digest,
  manifest_empty,
  resource_name,
  resource_twice,
  resource_algorithm,
  resource_digest,
  serialization_unsupported,
  symlink,
  special_file,
  file_name,
  file_differs,
  file_missing,
  file_extra,
  file_changed,
  file_unreadable,
  weights_uncovered,
  own_statement,
};

// "file_differs": as --json spells it.
std::string_view word(Code code);

struct Reason {
  Code code;
  std::string path;  // name inside the model as it is, or empty; escape it before printing
  std::string text;  // one sentence without the path
};

struct Findings {
  std::vector<Reason> reasons;
  std::vector<std::string> notes;

  // Records a reason; false, so that checks can return it.
  bool no(Code code, std::string text, std::string path = {}) {
    reasons.push_back({code, std::move(path), std::move(text)});
    return false;
  }
  void note(std::string text) { notes.push_back(std::move(text)); }
  bool good() const { return reasons.empty(); }
};

}  // namespace wmk::sign
