// Is this model what was signed?
//
// Purpose: signature, statement, files and coverage, in this order; nothing is believed before the
// signature holds. The answer is a value with every reason found; an Error is for what cannot be
// asked: unreadable files, a bundle that is no JSON.
// Lifetime: a request refers to what its caller owns. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "crypto/minisign.h"
#include "sign/keys/certificate.h"
#include "sign/keys/key.h"
#include "sign/keys/timestamp.h"
#include "sign/manifest/coverage.h"
#include "sign/manifest/model_tree.h"
#include "sign/reason.h"
#include "sign/release/release_statement.h"

namespace wmk::sign {

struct VerifyRequest {
  std::filesystem::path model, signature;
  const PublicKey* key = nullptr;             // either this
  const TrustAnchors* anchors = nullptr;      // or this
  SubjectWanted wanted;                       // of the certificate
  const TrustAnchors* authorities = nullptr;  // of timestamps; none: no timestamp proves anything
  unsigned timestamps_wanted = 0;             // by different authorities
  std::vector<std::filesystem::path> ignore_paths;
  bool ignore_unsigned_files = false;
  bool allow_uncovered = false;   // weights, too
  bool allow_symlinks = false;    // and only where the manifest allows them
  bool legacy = false;            // a bundle of version 0.2
  std::filesystem::path release;  // our own statement; empty: none is asked for
  const crypto::Ed25519PublicKey* release_key = nullptr;  // of it; none: it is signed as the bundle
  bool tensors = false;  // compare tensor by tensor; needs the statement
  unsigned threads = 1;
  Progress* progress = nullptr;
};

struct CoveredFile {
  std::string name;
  FileState seen;  // by which a loader can tell whether it opened the same
};

struct Verdict {
  Findings findings;
  bool authentic = false;                 // the signature holds, by whom the user believes
  std::string signed_name;                // what the signer called the model
  std::string root;                       // hexadecimal
  std::string key_hint;                   // of the key that made the signature
  std::optional<CertificateView> signer;  // with certificates
  std::vector<ProvenTime> proven;         // by timestamps, earliest first
  std::vector<int64_t> claimed;           // told by tokens that nobody vouches for
  std::vector<std::string> ignore_paths;  // the signer's, where they took effect
  uint64_t signed_files = 0;              // that the manifest names
  std::vector<CoveredFile> covered;       // of those, what is as it was signed; in the same order
  uint64_t covered_bytes = 0;
  std::vector<Uncovered> uncovered;
  std::optional<ReleaseStatement> release;  // our own statement, where it holds
  std::string release_key_hint;             // of the key that signed it
  std::optional<TensorComparison> tensors;  // with what it lists

  bool good() const { return findings.good(); }
};

Result<Verdict> verify_model(const VerifyRequest& request);

}  // namespace wmk::sign
