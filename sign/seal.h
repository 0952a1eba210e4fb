// Signing a model: its files, their digests, the statement, the signature, the bundle.
//
// Lifetime: a request refers to what its caller owns. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "crypto/minisign.h"
#include "sign/keys/key.h"
#include "sign/manifest/coverage.h"
#include "sign/manifest/statement.h"

namespace wmk::sign {

struct SealRequest {
  std::filesystem::path model;
  std::filesystem::path signature;                  // where the bundle will lie; it is left out
  std::vector<std::filesystem::path> ignore_paths;  // absolute, or from the model's folder
  const PrivateKey* key = nullptr;
  std::vector<Bytes> certificates;  // DER, leaf first; none: the bundle names the key
  const crypto::Ed25519SecretKey* statement_key = nullptr;  // of our own statement; none: `key`
  unsigned threads = 1;
  Progress* progress = nullptr;
};

struct Seal {
  std::string bundle;  // text of the file
  Statement statement;
  uint64_t bytes = 0;                // covered
  std::vector<Uncovered> uncovered;  // sorted by path
  std::vector<std::string> notes;
};

// A payload under a signature, in a bundle that names the key or carries the certificates.
Result<std::string> bundle_for(std::string payload, const PrivateKey& key,
                               const std::vector<Bytes>& certificates);

// A link, a special file, a name that no manifest may have, and a model without files are Errors.
Result<Seal> seal_model(const SealRequest& request);

// What is told about a release beside its files; empty: not told.
struct ReleaseWords {
  std::string licence, base_model, commitment;
};

// Our own statement about the model of `seal`, signed in the same way or by the
// statement's key: one line, a bundle.
Result<std::string> seal_release(const SealRequest& request, const Seal& seal,
                                 const ReleaseWords& words);

}  // namespace wmk::sign
