#include "sign/bundle/in_toto.h"

#include "base/text.h"
#include "sign/bundle/json_fields.h"

namespace wmk::sign {

std::optional<Bytes> sha256_of_text(const std::optional<std::string_view>& text) {
  if (!text || text->size() != 64) return std::nullopt;
  return from_hex(*text);
}

std::optional<Bytes> sha256_member(const json::Value& object, std::string_view key) {
  return sha256_of_text(text_member(object, key));
}

std::optional<StatementParts> statement_parts(const json::Document& document,
                                              std::string_view predicate_type, std::string& why) {
  const json::Value root = document.root();
  const auto refuse = [&](std::string_view text) {
    why = text;
    return std::nullopt;
  };
  if (text_member(root, "_type") != kStatementType) return refuse("it is not an in-toto statement");
  if (text_member(root, "predicateType") != predicate_type) {
    return refuse(cat("the predicate's type must be ", predicate_type));
  }
  const auto subjects = member(root, "subject", json::Kind::array);
  const auto predicate = member(root, "predicate", json::Kind::object);
  if (!subjects || subjects->size() != 1 || !predicate)
    return refuse("the subject or the predicate is malformed");
  const json::Value subject = *subjects->begin();
  const auto digests = member(subject, "digest", json::Kind::object);
  auto digest = digests ? sha256_member(*digests, "sha256") : std::nullopt;
  if (!digest) return refuse("a member is missing or malformed");
  return StatementParts{std::string(text_member(subject, "name").value_or("")), std::move(*digest),
                        *predicate};
}

json::Writer begin_statement(std::string_view predicate_type, std::string_view subject,
                             ByteView digest) {
  json::Writer out;
  out.begin_object().member("_type", kStatementType).key("subject").begin_array();
  out.begin_object().member("name", subject).key("digest").begin_object();
  out.member("sha256", to_hex(digest)).end_object().end_object().end_array();
  out.member("predicateType", predicate_type).key("predicate").begin_object();
  return out;
}

std::string end_statement(json::Writer& out) {
  std::string text = out.end_object().end_object().finish();
  text.pop_back();  // the newline
  return text;
}

}  // namespace wmk::sign
