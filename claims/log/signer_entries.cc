#include "claims/log/signer_entries.h"

#include "crypto/encoding.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/json_fields.h"
#include "sign/keyless/log_body.h"
#include "sign/keys/certificate.h"

namespace wmk::claims {

namespace {

using json::Kind;
using json::Value;

std::optional<Value> object_at(std::optional<Value> from, std::string_view key) {
  return from && from->is(Kind::object) ? sign::member(*from, key, Kind::object) : std::nullopt;
}

std::optional<Bytes> bytes_at(const std::optional<Value>& from, std::string_view key) {
  const auto text = from ? sign::text_member(*from, key) : std::nullopt;
  return text ? crypto::from_base64(*text) : std::nullopt;
}

// `key_text`: what a canonical entry contains if it was logged with the key itself.
bool is_entry_with(std::string_view entry, const sign::PublicKey& key, std::string_view key_text) {
  // Base64 of a certificate may contain that of its key.
  const bool has_key = entry.find(key_text) != entry.npos;
  if (!has_key && entry.find("\"x509Certificate\"") == entry.npos) return false;
  const auto document = json::Document::parse(std::string(entry), sign::document_limits());
  if (!document) return false;
  const auto record = object_at(object_at(document->root(), "spec"), "hashedRekordV002");
  const auto signature = object_at(record, "signature");
  const auto digest = bytes_at(object_at(record, "data"), "digest");
  const auto content = bytes_at(signature, "content");
  const auto verifier = object_at(signature, "verifier");
  const auto certified_by = object_at(verifier, "x509Certificate");
  const auto certificate = certified_by ? bytes_at(certified_by, "rawBytes") : Bytes();
  if (!digest || !content || !certificate) return false;
  if (certified_by) {
    const auto certified = sign::certified_key(*certificate, "the certificate");
    if (!certified || !certified->equals(key)) return false;
  }
  return entry == sign::hashedrekord_body({key, *certificate, *digest, *content}) &&
         key.verifies_digest(*digest, *content);
}

}  // namespace

bool is_entry_by(std::string_view entry, const sign::PublicKey& key) {
  return is_entry_with(entry, key, crypto::to_base64(key.der()));
}

Result<std::vector<uint64_t>> signer_entries(const TileStore& store, uint64_t size,
                                             const sign::PublicKey& key) {
  const std::string key_text = crypto::to_base64(key.der());
  std::vector<uint64_t> out;
  for (uint64_t index = 0; index * kTileWidth < size; ++index) {
    const auto bundle = store.read({std::nullopt, index, tile_width(size, index)});
    if (!bundle) return bundle.error();
    const auto entries = parse_entries(*bundle);
    if (!entries) return Error(entries.error()).within("entries");
    for (size_t i = 0; i < entries->size(); ++i) {
      if (is_entry_with((*entries)[i], key, key_text)) out.push_back(index * kTileWidth + i);
    }
  }
  return out;
}

}  // namespace wmk::claims
