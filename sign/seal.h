// Signing a model: hash its files, write the statement, sign it, make the bundle.
//
// Lifetime: a request refers to objects that its caller owns. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "crypto/minisign.h"
#include "sign/keys/key.h"
#include "sign/manifest/coverage.h"
#include "sign/manifest/stable_file.h"
#include "sign/manifest/statement.h"
#include "sign/release/release_statement.h"

namespace wmk::sign {

struct SealRequest {
  std::filesystem::path model;
  std::filesystem::path signature;                  // where the bundle will be written; not signed
  std::vector<std::filesystem::path> ignore_paths;  // absolute, or relative to the model's folder
  const PrivateKey* key = nullptr;
  std::vector<Bytes> certificates;  // DER, leaf first; empty: the bundle names the key
  const crypto::Ed25519SecretKey* statement_key = nullptr;  // of the release statement; null: `key`
  // (all) The processes of mpirun share the work; all but the first one call manifest_of() and, for
  // a statement, tensor_table().
  bool is_shared = false;
  unsigned threads = 1;
  Progress* progress = nullptr;
};

struct Seal {
  std::string bundle;  // the file's content
  Statement statement;
  std::vector<FileState> states;     // of the signed files when they were hashed, as in `statement`
  uint64_t bytes = 0;                // of the signed files
  std::vector<Uncovered> uncovered;  // sorted by path
  std::vector<std::string> notes;
};

// Signs the payload; the bundle names the key or contains the certificates.
Result<std::string> bundle_for(std::string payload, const PrivateKey& key,
                               const std::vector<Bytes>& certificates);

// The seal without its bundle: which files would be signed, and their root. Needs no key.
Result<Seal> manifest_of(const SealRequest& request);
// Errors: a link, a special file, a name that a manifest must not contain, a model without files.
Result<Seal> seal_model(const SealRequest& request);

// What the release statement says about a release besides its tensors; empty members are left out.
struct ReleaseInfo {
  std::string licence, base_model, commitment;
  std::optional<ReleasedMark> mark = std::nullopt;
};

// The release statement about the model of `seal`, signed in the same way or by the statement's own
// key: a bundle on one line. It describes the files that were hashed for the seal: a file that
// changed since, before or while tensors and notices were read, is an Error (io).
Result<std::string> seal_release(const SealRequest& request, const Seal& seal,
                                 const ReleaseInfo& words);

}  // namespace wmk::sign
