// in-toto statements with one subject: what release statements, commitments and disclosures share.
//
// Lifetime: parts refer to their document. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/json.h"

namespace wmk::sign {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";

// 32 bytes in hexadecimal; nullopt for any other text.
std::optional<Bytes> sha256_of_text(const std::optional<std::string_view>& text);
std::optional<Bytes> sha256_member(const json::Value& object, std::string_view key);

struct StatementParts {
  std::string subject;  // its name, for display only
  Bytes digest;         // its SHA-256
  json::Value predicate;
};
// nullopt: not a statement of this predicate type with one subject; `why` says what is wrong.
std::optional<StatementParts> statement_parts(const json::Document& document,
                                              std::string_view predicate_type, std::string& why);

// Starts a statement about one subject; members of the predicate come next.
json::Writer begin_statement(std::string_view predicate_type, std::string_view subject,
                             ByteView digest);
// Ends the predicate and the statement; no newline at the end.
std::string end_statement(json::Writer& out);

}  // namespace wmk::sign
