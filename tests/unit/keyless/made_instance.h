// A Sigstore instance made in the test: authorities, logs and their trusted root; and bundles that
// a test can change part by part.
#pragma once

#include <string>
#include <vector>

#include "sign/bundle/log_entry.h"
#include "sign/keyless/trusted_root.h"
#include "tests/unit/keyless/made_keys.h"

namespace wmk::sign::test {

inline constexpr int64_t kSigningTime = 1'760'000'000;
inline constexpr std::string_view kSigner = "signer@example.org";
inline constexpr std::string_view kProvider = "https://accounts.example.org";

// The parts of a bundle about a model.
struct BundleParts {
  std::string payload;
  Bytes signature;
  std::vector<Bytes> certificates;  // one is written as `certificate`, more as a chain
  std::string hint;                 // of the key, without certificates
  std::vector<LogEntry> entries;
  std::vector<Bytes> timestamps;

  std::string text() const;
};

// A signer's certificate; its key is deleted after one signature by honest signers.
struct SignerWish {
  std::string names = "email:signer@example.org";
  std::string provider = std::string(kProvider);
  std::string usage = "codeSigning";
  int64_t start = kSigningTime - 60;
  bool published = true;  // with a certificate timestamp
};

enum class Rekor { first, second };

class SigstoreInstance {
 public:
  explicit SigstoreInstance(const std::string& domain = "example.org");

  MadeCertificate signer(const SignerWish& wish = {}) const;
  // A complete bundle: signed at kSigningTime, in the log, with a time.
  BundleParts bundle(const std::string& payload, Rekor rekor, const SignerWish& wish = {}) const;
  // Signs `payload` and fills in all parts but entries and timestamps.
  BundleParts signed_by(const MadeCertificate& signer, const std::string& payload) const;
  // A log's entry for a bundle, among others.
  LogEntry entry(const BundleParts& parts, const MadeCertificate& signer, Rekor rekor) const;
  // Fills in promise (v1), proof and checkpoint for the entry's body and time.
  void enter(LogEntry& entry, Rekor rekor) const;
  Bytes timestamp(ByteView signature, int64_t time = kSigningTime) const;

  // JSON.
  std::string trusted_root() const;
  TrustedRoot parsed_root() const;

  std::string domain;
  MadeCertificate root, authority, timestamp_root, timestamp_authority;
  KeyPointer certificate_log, first_rekor, second_rekor;
};

}  // namespace wmk::sign::test
