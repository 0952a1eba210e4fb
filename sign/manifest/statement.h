// The statement inside an OMS bundle: the files of a model and their digests
// (specs/signing.md 2).
//
// Purpose: the signed payload, parsed strictly and written deterministically. Parsing checks the
// form only; compare_files() compares the statement with a model's folder.
// Lifetime and thread-safety: plain values; pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sign/bundle/in_toto.h"
#include "sign/digest.h"
#include "sign/reason.h"

namespace wmk::sign {

inline constexpr std::string_view kPredicateType = "https://model_signing/signature/v1.0";
inline constexpr std::string_view kLegacyPredicateType = "https://model_signing/Digests/v0.1";
// The name of the only resource if the model is a single file.
inline constexpr std::string_view kSingleFileName = ".";

struct Resource {
  std::string name;  // relative to the model, with '/' separators
  Bytes digest;
};

struct Statement {
  std::string subject;  // name of the model, for display only
  Bytes root;           // SHA-256 of all digests in order
  std::vector<Resource> resources;
  Hash hash = Hash::sha256;
  bool allow_symlinks = false;
  std::vector<std::string> ignore_paths;
};

// SHA-256 over the digests in the order of `resources`. It does not include the names, so it is no
// substitute for comparing file by file.
Bytes root_digest(const std::vector<Resource>& resources);

// If the payload is not such a statement: nullopt, with the reasons in `findings`. `legacy`: accept
// statements of version 0.2, and only those.
std::optional<Statement> parse_statement(const std::string& payload, bool legacy,
                                         Findings& findings);
// `resources` must be sorted by name. The root is computed, not taken from `statement`.
std::string statement_text(const Statement& statement);

}  // namespace wmk::sign
