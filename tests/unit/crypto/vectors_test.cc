// Keys, streams, anchors and rounding seeds against the vectors of the Python reference.
#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/key_file.h"

namespace wmk::crypto {
namespace {

json::Document vectors(std::string_view name) {
  auto text = read_text(cat(WMK_SOURCE_DIR "/tests/vectors/mark/", name, ".json"), 1 << 20);
  REQUIRE(text);
  auto document = json::Document::parse(std::move(*text));
  REQUIRE(document);
  return std::move(*document);
}

// By value: a loop over `object.find(key).value()` would outlive the optional it points into.
json::Value at(json::Value object, std::string_view key) {
  const auto member = object.find(key);
  REQUIRE(member);
  return *member;
}

std::string text_at(json::Value object, std::string_view key) {
  return std::string(at(object, key).string().value());
}

SecretBytes secret(std::string_view hex) {
  auto bytes = from_hex(hex);
  REQUIRE(bytes);
  return SecretBytes::take(*bytes);
}

std::string subkey_hex(const SecretBytes& master, std::string_view label) {
  return to_hex(derive(master, cat("weightmark/ctss-v1/", label)).reveal());
}

}  // namespace

TEST_CASE("subkeys and fingerprints are those of the reference", "[crypto][vectors]") {
  const auto document = vectors("keys");
  const auto keys = at(document.root(), "keys");
  REQUIRE(keys.size() >= 3);
  for (const json::Value entry : keys) {
    const SecretBytes master = secret(text_at(entry, "master"));
    CHECK(fingerprint(master) == text_at(entry, "fingerprint"));
    unsigned share = 0;
    for (const json::Value expected : at(entry, "shares")) {
      CHECK(subkey_hex(master, cat("share/", share++)) == *expected.string());
    }
    CHECK(share == 4);
    const SecretBytes trace = secret(text_at(entry, "trace"));
    CHECK(subkey_hex(master, "trace") == text_at(entry, "trace"));
    CHECK(to_hex(derive(trace, "tags").reveal()) == text_at(entry, "tags"));
    for (const json::Value licensee : at(entry, "licensees")) {
      CHECK(to_hex(derive(trace, cat("licensee/", text_at(licensee, "id"))).reveal()) ==
            text_at(licensee, "key"));
    }
  }
}

TEST_CASE("streams are those of the reference", "[crypto][vectors]") {
  const auto document = vectors("streams");
  const SecretBytes key = secret(text_at(document.root(), "key"));
  const auto streams = at(document.root(), "streams");
  REQUIRE(streams.size() >= 8);
  for (const json::Value entry : streams) {
    const std::string expected = text_at(entry, "bytes");
    CHECK(to_hex(keystream(key, text_at(entry, "purpose"), expected.size() / 2)) == expected);
  }
}

TEST_CASE("anchor hashes give the groups and signs of the reference", "[crypto][vectors]") {
  const auto document = vectors("anchors");
  const SecretBytes key = secret(text_at(document.root(), "key"));
  const auto anchors = at(document.root(), "anchors");
  REQUIRE(anchors.size() >= 20);
  for (const json::Value entry : anchors) {
    std::array<std::byte, 16> hash;
    blake2b(key.reveal(), as_bytes(cat("anchor/", text_at(entry, "label"))), hash);
    const auto word = load_le<uint32_t>(hash.data());
    CHECK(word % 16 == at(entry, "group_16").unsigned_integer());
    CHECK(word % 128 == at(entry, "group_128").unsigned_integer());
    const double sign = std::to_integer<unsigned>(hash[4]) % 2 == 1 ? 1 : -1;
    CHECK(sign == at(entry, "sign").number());
  }
}

TEST_CASE("the rounding seed is the first half of a hash of 16 bytes", "[crypto][vectors]") {
  const auto document = vectors("rounding");
  const SecretBytes key = secret(text_at(document.root(), "key"));
  const auto tensors = at(document.root(), "tensors");
  REQUIRE(tensors.size() >= 3);
  for (const json::Value entry : tensors) {
    std::array<std::byte, 16> hash;
    blake2b(key.reveal(), as_bytes(cat("rounding/", text_at(entry, "name"))), hash);
    std::reverse(hash.begin(),
                 hash.begin() + 8);  // the vector has the number with its high digits first
    CHECK(to_hex(ByteView(hash).first(8)) == text_at(entry, "seed"));
  }
}

}  // namespace wmk::crypto
