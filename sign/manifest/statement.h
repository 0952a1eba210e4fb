// The statement inside an OMS bundle: which files a model has, and their digests
// (specs/signing.md 2).
//
// Purpose: the signed payload, read strictly and written deterministically. Reading judges form
// only; whether the files are so is judged against a model folder.
// Lifetime and thread-safety: plain values; pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sign/digest.h"
#include "sign/reason.h"

namespace wmk::sign {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kPredicateType = "https://model_signing/signature/v1.0";
inline constexpr std::string_view kLegacyPredicateType = "https://model_signing/Digests/v0.1";
// The one resource of a model that is a single file.
inline constexpr std::string_view kSingleFileName = ".";

struct Resource {
  std::string name;  // relative to the model, '/' between components
  Bytes digest;
};

struct Statement {
  std::string subject;  // name of the model: for people only
  Bytes root;           // SHA-256 of all digests in order
  std::vector<Resource> resources;
  Hash hash = Hash::sha256;
  bool allow_symlinks = false;
  std::vector<std::string> ignore_paths;
};

// SHA-256 over the digests in the order of `resources`. Names are not in it, so it identifies a
// model that was compared name by name and proves nothing by itself.
Bytes root_digest(const std::vector<Resource>& resources);

// nullopt, and the reasons. `legacy` takes statements of version 0.2 (and only those).
std::optional<Statement> parse_statement(const std::string& payload, bool legacy,
                                         Findings& findings);
// `resources` must be sorted by name. The root is computed.
std::string statement_text(const Statement& statement);

}  // namespace wmk::sign
