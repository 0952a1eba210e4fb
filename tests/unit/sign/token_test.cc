// URIs of keys on tokens. Signing with such keys is tested by tests/interop/pkcs11_interop.py.
#include "sign/keys/token.h"

#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign {

TEST_CASE("a pkcs11 URI is parsed", "[sign]") {
  CHECK(TokenUri::matches("pkcs11:object=x"));
  CHECK_FALSE(TokenUri::matches("./pkcs11:object=x"));
  const auto plain = TokenUri::parse("pkcs11:token=My%20card;object=release");
  REQUIRE(plain);
  CHECK(plain->object == "pkcs11:token=My%20card;object=release");
  CHECK(plain->pin_source.empty());
  CHECK(plain->module_path.empty());
  const auto more =
      TokenUri::parse("pkcs11:id=%01?pin-source=file:///run/my%20pin&module-path=/usr/lib/x.so");
  REQUIRE(more);
  CHECK(more->object == "pkcs11:id=%01");
  CHECK(more->pin_source == "/run/my pin");
  CHECK(more->module_path == "/usr/lib/x.so");
  for (const char* source : {"pins/one", "file:pins/one"}) {
    const auto uri = TokenUri::parse(cat("pkcs11:object=a?pin-source=", source));
    REQUIRE(uri);
    CHECK(uri->pin_source == "pins/one");
  }
}

TEST_CASE("a malformed pkcs11 URI, or one with a PIN, is refused", "[sign][bad-input]") {
  const auto refused = [](const std::string& text) {
    const auto uri = TokenUri::parse(text);
    REQUIRE_FALSE(uri);
    CHECK(uri.error().code() == ErrorCode::invalid_argument);
    return cat(uri.error().message(), " ", uri.error().hint());
  };
  for (const char* text :
       {"pkcs11:object=a?pin-value=1234", "pkcs11:object=a;pin-value=1234",
        "pkcs11:object=a?module-path=/x&pin-value=1234", "pkcs11:object=a?pin-value=12%"}) {
    const std::string message = refused(text);
    CHECK(message.find("other users can read") != std::string::npos);
    CHECK(message.find("12") == std::string::npos);
  }
  for (const char* text : {"pkcs11:", "pkcs11:token=a", "pkcs11:?module-path=/x"}) {
    CHECK(refused(text).find("does not name a key") != std::string::npos);
  }
  for (const char* text :
       {"pkcs11:object", "pkcs11:;object=a", "pkcs11:=a", "pkcs11:object=a?module-path",
        "pkcs11:object=%", "pkcs11:object=%4", "pkcs11:object=%zz", "pkcs11:object=a%00b",
        "pkcs11:object=a?module-name=x", "pkcs11:object=a?pin-source=|cat%20pin",
        "pkcs11:object=a?pin-source=", "pkcs11:object=a?pin-source=file:"}) {
    INFO(text);
    refused(text);
  }
  refused("pkcs11:object=" + std::string(10'000, 'a'));
  CHECK(refused("pkcs11:object=a?\033[2J=1").find('\033') == std::string::npos);
}

}  // namespace wmk::sign
