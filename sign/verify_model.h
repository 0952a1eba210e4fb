// Verifies that a model is what was signed.
//
// Purpose: checks the signature first, then the statement, the files and which files are not
// covered. A bad model is an answer, a Verification with all reasons; an Error means that no answer
// is possible: unreadable files, or a bundle that is not JSON.
// Lifetime: a request refers to objects that its caller owns. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "crypto/minisign.h"
#include "sign/keyless/keyless.h"
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
  const PublicKey* key = nullptr;             // one of these three must be set;
  const TrustAnchors* anchors = nullptr;      // only the key and the trusted root
  const TrustedRoot* trusted_root = nullptr;  // may be set together
  ExpectedSubject expected;                   // of the certificate
  ExpectedIdentity identity;                  // with the trusted root and without a key
  unsigned logs_required = 1;                 // with the trusted root
  const TrustAnchors* authorities = nullptr;  // of timestamps; null: no timestamp is trusted
  unsigned timestamps_required = 0;           // from that many authorities
  std::vector<std::filesystem::path> ignore_paths;
  // With the key: the bundle may name it by a certificate. Only its key counts.
  bool key_in_certificate = false;
  bool ignore_unsigned_files = false;
  bool allow_uncovered = false;   // accept weights files that are not covered
  bool allow_symlinks = false;    // effective only if the manifest allows them, too
  bool legacy = false;            // the bundle has version 0.2
  std::filesystem::path release;  // the release statement; empty: do not verify one
  const crypto::Ed25519PublicKey* release_key =
      nullptr;           // of the release statement; null: as bundle
  bool tensors = false;  // compare tensor by tensor; needs the release statement
  unsigned threads = 1;
  Progress* progress = nullptr;
};

// What the signature of a bundle about one artifact is over.
struct SignedArtifact {
  Bytes sha256;
  std::string predicate_type;  // of its statement, which was not judged; empty: no statement
};

struct CoveredFile {
  std::string name;
  FileState state;  // lets a loader check that it opened the same file
};

struct Verification {
  Findings findings;
  bool authentic = false;                    // the signature is valid and by a trusted signer
  std::optional<Bundle::Material> material;  // how the bundle names its signer
  std::string signed_name;                   // the signer's name for the model
  std::string root;                          // hexadecimal
  std::string key_hint;                      // of the key that made the signature
  std::optional<CertificateView> signer;     // with certificates
  std::string identity_issuer;               // who vouched for a keyless signer's identity
  std::vector<LoggedEntry> entries;          // in trusted logs
  std::vector<ProvenTime> proven;            // by trusted timestamps, earliest first
  std::vector<int64_t> claimed;              // by timestamps that are not trusted
  std::vector<std::string> ignore_paths;     // the signer's
  uint64_t signed_files = 0;                 // in the manifest
  std::vector<CoveredFile> covered;          // those that are unchanged, in the same order
  uint64_t covered_bytes = 0;
  std::vector<Uncovered> uncovered;
  std::optional<ReleaseStatement> release;  // the release statement, if valid
  std::string release_key_hint;             // of the key that signed that
  std::optional<TensorComparison> tensors;  // with the release statement
  std::optional<SignedArtifact> artifact;   // by verify_artifact()

  bool good() const { return findings.good(); }
};

Result<Verification> verify_model(const VerifyRequest& request);

// Verifies any Sigstore bundle about one artifact: `request.model` is its file, or names its digest
// as "sha256:HEX" if there is no such file. A statement must have the digest among its subjects;
// its predicate is not judged. Needs a trusted root.
Result<Verification> verify_artifact(const VerifyRequest& request);

}  // namespace wmk::sign
