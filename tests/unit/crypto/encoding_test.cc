// Base64 and base32: the RFC 4648 examples, and what is refused.
#include "crypto/encoding.h"

#include <catch2/catch.hpp>

namespace wmk::crypto {

TEST_CASE("base64 and base32 give the examples of RFC 4648", "[crypto]") {
  const std::vector<std::array<std::string, 3>> examples = {{"", "", ""},
                                                            {"f", "Zg==", "my"},
                                                            {"fo", "Zm8=", "mzxq"},
                                                            {"foo", "Zm9v", "mzxw6"},
                                                            {"foob", "Zm9vYg==", "mzxw6yq"},
                                                            {"fooba", "Zm9vYmE=", "mzxw6ytb"},
                                                            {"foobar", "Zm9vYmFy", "mzxw6ytboi"}};
  for (const auto& [plain, base64, base32] : examples) {
    CHECK(to_base64(as_bytes(plain)) == base64);
    CHECK(to_base32(as_bytes(plain)) == base32);
    const auto back = from_base64(base64);
    REQUIRE(back);
    CHECK(as_text(*back) == plain);
  }
}

TEST_CASE("non-canonical base64 is refused", "[crypto]") {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9v\n", " Zm9v", "Zm 9v", "Zm9-", "Zm9_",
                           "====", "=", "Zg==Zg==", "Zm9vZ", "Zm9\xc3\xa9"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
    CHECK_FALSE(secret_from_base64(text));
  }
  CHECK_FALSE(from_base64(std::string_view("Zm9\0", 4)));
  for (int c = 0; c < 256; ++c) {
    const std::string text = {'Z', 'm', '9', static_cast<char>(c)};
    const auto bytes = from_base64(text);
    CAPTURE(c);
    CHECK((!bytes || to_base64(*bytes) == text));
    CHECK(bytes.has_value() == secret_from_base64(text).has_value());
  }
}

TEST_CASE("every length of bytes survives base64, as bytes and as secrets", "[crypto]") {
  for (size_t size = 0; size < 70; ++size) {
    const SecretBytes secret = SecretBytes::random(size);
    const std::string text = to_base64(secret.reveal());
    CHECK(text.size() == (size + 2) / 3 * 4);
    const auto bytes = from_base64(text);
    REQUIRE(bytes);
    CHECK(std::ranges::equal(*bytes, secret.reveal()));
    CHECK(as_text(secret_to_base64(secret).reveal()) == text);
    const auto back = secret_from_base64(text);
    REQUIRE(back);
    CHECK(back->equals(secret));
  }
}

TEST_CASE("both base64 alphabets are accepted, a mixture is not", "[crypto]") {
  const Bytes bytes = *from_hex("fbefbeff");
  CHECK(from_either_base64("++++/w==") == bytes);
  CHECK(from_either_base64("----_w==") == bytes);
  CHECK_FALSE(from_either_base64("++--/w=="));
  CHECK_FALSE(from_either_base64("----_w"));
  CHECK_FALSE(from_either_base64("----_w==\n"));
  CHECK_FALSE(from_base64("----_w=="));
}

}  // namespace wmk::crypto
