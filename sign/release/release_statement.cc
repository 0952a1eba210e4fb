#include "sign/release/release_statement.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/in_toto.h"
#include "sign/bundle/json_fields.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

void put_known(json::Writer& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.member(key, text);
}

bool read_tensor(const Value& entry, ReleaseStatement& statement) {
  const auto name = text_member(entry, "name"), dtype = text_member(entry, "dtype");
  const auto shape = member(entry, "shape", Kind::array);
  auto digest = sha256_member(entry, "digest");
  if (!name || !dtype || !shape || !digest) return false;
  TensorDigest tensor{std::string(*name), std::string(*dtype), {}, std::move(*digest)};
  for (const Value extent : *shape) {
    const auto number = extent.unsigned_integer();
    if (!number) return false;
    tensor.shape.push_back(*number);
  }
  statement.tensors.push_back(std::move(tensor));
  return true;
}

bool read_mark(const Value& predicate, ReleaseStatement& statement) {
  if (!predicate.find("mark")) return true;
  const auto mark = member(predicate, "mark", Kind::object);
  if (!mark) return false;
  const auto scheme = text_member(*mark, "scheme");
  const auto strength = member(*mark, "strength", Kind::number);
  const auto shares = member(*mark, "shares", Kind::number);
  const auto sites = member(*mark, "sites", Kind::array);
  auto base = sha256_member(*mark, "base");
  if (!scheme || !strength || !shares || !shares->unsigned_integer() || !sites || !base) {
    return false;
  }
  ReleasedMark out{
      std::string(*scheme), *strength->number(), *shares->unsigned_integer(), {}, std::move(*base)};
  for (const Value site : *sites) {
    const auto name = site.string();
    if (!name) return false;
    out.sites.emplace_back(*name);
  }
  statement.mark = std::move(out);
  return true;
}

void put_mark(const std::optional<ReleasedMark>& mark, json::Writer& out) {
  if (!mark) return;
  out.key("mark").begin_object().member("scheme", mark->scheme);
  out.member("strength", mark->strength).member("shares", mark->shares);
  out.key("sites").begin_array();
  for (const std::string& site : mark->sites) out.value(site);
  out.end_array().member("base", to_hex(mark->base)).end_object();
}

bool read_predicate_of(const Value& predicate, ReleaseStatement& statement) {
  auto manifest = sha256_member(predicate, "manifest");
  const auto tensors = member(predicate, "tensors", Kind::array);
  const auto notices = member(predicate, "notices", Kind::array);
  if (!manifest || !tensors || !notices || !read_mark(predicate, statement)) return false;
  statement.manifest = std::move(*manifest);
  statement.licence = text_member(predicate, "licence").value_or("");
  statement.base_model = text_member(predicate, "base_model").value_or("");
  statement.commitment = text_member(predicate, "commitment").value_or("");
  for (const Value notice : *notices) {
    const auto kind = text_member(notice, "kind"), file = text_member(notice, "file");
    const auto text = text_member(notice, "text");
    if (!kind || !file || !text) return false;
    statement.notices.push_back({std::string(*kind), std::string(*file), std::string(*text)});
  }
  for (const Value tensor : *tensors) {
    if (!read_tensor(tensor, statement)) return false;
  }
  // Sorted and unique, so that two tables can be compared in one pass.
  return std::ranges::adjacent_find(statement.tensors, std::greater_equal<>(),
                                    &TensorDigest::name) == statement.tensors.end();
}

}  // namespace

Bytes strict_digest(const std::vector<Resource>& resources) {
  Hasher hasher(Hash::sha256);
  const auto absorb = [&](ByteView bytes) {
    std::array<std::byte, 8> length{};
    store_le(length.data(), static_cast<uint64_t>(bytes.size()));
    hasher.absorb(length);
    hasher.absorb(bytes);
  };
  for (const Resource& resource : resources) {
    absorb(as_bytes(resource.name));
    absorb(resource.digest);
  }
  return hasher.finish();
}

std::string release_text(const ReleaseStatement& statement) {
  json::Writer out = begin_statement(kReleaseType, statement.subject, statement.root);
  out.member("manifest", to_hex(statement.manifest));
  put_known(out, "licence", statement.licence);
  put_known(out, "base_model", statement.base_model);
  put_known(out, "commitment", statement.commitment);
  put_mark(statement.mark, out);
  out.key("notices").begin_array();
  for (const ReleaseNotice& notice : statement.notices) {
    out.begin_object().member("kind", notice.kind).member("file", notice.file);
    out.member("text", notice.text).end_object();
  }
  out.end_array().key("tensors").begin_array();
  for (const TensorDigest& tensor : statement.tensors) {
    out.begin_object().member("name", tensor.name).member("dtype", tensor.dtype);
    out.key("shape").begin_array();
    for (const uint64_t extent : tensor.shape) out.value(extent);
    out.end_array().member("digest", to_hex(tensor.digest)).end_object();
  }
  out.end_array();
  return end_statement(out);
}

std::optional<ReleaseStatement> parse_release(const std::string& payload, Findings& findings) {
  const auto refuse = [&](std::string_view text) {
    findings.no(Code::own_statement, std::string(text));
    return std::nullopt;
  };
  const auto document = json::Document::parse(payload, document_limits());
  if (!document) return refuse(cat("the statement: ", document.error().message()));
  std::string why;
  auto parts = statement_parts(*document, kReleaseType, why);
  if (!parts) return refuse(why);
  ReleaseStatement out;
  if (!read_predicate_of(parts->predicate, out)) return refuse("a member is missing or malformed");
  out.subject = std::move(parts->subject);
  out.root = std::move(parts->digest);
  return out;
}

}  // namespace wmk::sign
