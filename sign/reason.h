// Why a verification failed: stable codes for scripts (specs/signing.md, reasons).
//
// Purpose: a verification collects all reasons that it finds, and notes that do not change the
// answer.
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
  certificate_identity,
  certificate_oidc_issuer,
  certificate_transparency,
  timestamp_missing,
  log_missing,
  log_entry,
  log_proof,
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
  artifact_differs,
  commitment_malformed,
  commitment_parameters,
  commitment_signer,
  commitment_tree,
  commitment_base,
  commitment_key,
  commitment_previous,
  commitment_release,
  disclosure_malformed,
  disclosure_commitment,
  disclosure_signer,
  disclosure_opening,
  own_statement,
};

// The name in JSON: "file_differs".
std::string_view to_string(Code code);

struct Reason {
  Code code;
  std::string path;  // file name inside the model, or empty; untrusted: escape before printing
  std::string text;  // a predicate of the path, or a sentence
};

struct Findings {
  std::vector<Reason> reasons;
  std::vector<std::string> notes;

  // Adds a reason and returns false, so that checks can return the call.
  bool no(Code code, std::string text, std::string path = {}) {
    reasons.push_back({code, std::move(path), std::move(text)});
    return false;
  }
  void note(std::string text) { notes.push_back(std::move(text)); }
  bool good() const { return reasons.empty(); }
};

}  // namespace wmk::sign
