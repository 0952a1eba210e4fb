// Signing a model's files, and verifying that a model is what was signed (OpenSSF Model Signing v1,
// specs/signing.md).
//
// For keys in files. Keys on tokens, certificates, timestamps, transparency logs and release
// statements stay with the program: `weightmark sign`, `weightmark verify`, `weightmark timestamp`.
//
// Thread-safety: each call starts its own workers; calls may run concurrently.
#pragma once

#include <string>
#include <vector>

#include "weightmark/model.h"
#include "weightmark/result.h"
#include "weightmark/run.h"

namespace weightmark {

// Files of a model that a signature does not cover.
struct Uncovered {
  std::string path;  // a file, or an ignored folder
  uint64_t files = 0, bytes = 0;
  std::string why;  // "ignored", "unsigned" or "bundle"
};

struct SignOptions {
  std::string passphrase = {};  // of an encrypted private key; ignored otherwise
  // Files or folders of the model to leave out: absolute, or relative to its folder.
  std::vector<std::string> ignore_paths = {};
  bool replace = false;  // an existing bundle, and no other file
};

struct Signed {
  std::string signature;  // path of the bundle
  std::string key;        // SHA-256 of the public key, by which the bundle names it
  std::string curve;      // "P-256"
  std::string root;       // hexadecimal digest of the signed list
  uint64_t covered_files = 0, covered_bytes = 0;
  std::vector<Uncovered> uncovered;
  std::vector<std::string> notes;
  double seconds = 0;
};

// Signs all files of the folder or file `model` and writes the bundle `signature`, which appears
// complete or not at all. `private_key`: a PEM file on P-256, P-384 or P-521. Errors: a link, a
// special file or a name that cannot be signed; keys; files; `cancelled`.
[[gnu::visibility("default")]] Result<Signed> sign(const std::string& model,
                                                   const std::string& private_key,
                                                   const std::string& signature,
                                                   const SignOptions& options = {},
                                                   const Run& run = {});

struct VerifyOptions {
  std::vector<std::string> ignore_paths = {};  // that may be unsigned
  bool ignore_unsigned_files = false;          // report them without a *no*, except weights files
  bool allow_uncovered = false;                // also accept unsigned weights files
  bool allow_symlinks = false;                 // follow links inside the model, if the signer did
};

// Why a model is not what was signed.
struct Reason {
  std::string code;  // for programs: "file_differs" (specs/signing.md)
  std::string path;  // inside the model, or empty; untrusted text
  std::string text;
};

struct Verification {
  bool good = false;
  bool signature_holds = false;  // it is valid and by the trusted key
  std::vector<Reason> reasons;   // none if it is good
  std::vector<std::string> notes;
  std::string signed_name;  // the signer's name of the model; untrusted text
  std::string root, key;    // as in Signed
  uint64_t signed_files = 0;
  uint64_t covered_files = 0, covered_bytes = 0;  // that are unchanged
  std::vector<Uncovered> uncovered;
  std::vector<std::string> ignore_paths;  // the signer's
  double seconds = 0;

  bool is_yes() const { return good; }
};

// Is `model` what was signed with the key of `public_key`, a PEM file? A *no* is a value. Errors:
// files that cannot be read; a bundle that is not JSON; `cancelled`.
[[gnu::visibility("default")]] Result<Verification> verify(const std::string& model,
                                                           const std::string& signature,
                                                           const std::string& public_key,
                                                           const VerifyOptions& options = {},
                                                           const Run& run = {});

}  // namespace weightmark
