// Digests of lists of fields.
#include "crypto/field_digest.h"

#include <catch2/catch.hpp>

#include "crypto/blake2b.h"

namespace wmk::crypto {

TEST_CASE("a field's length is part of the digest, so that lists differ where their text does not",
          "[crypto]") {
  const auto of = [](std::initializer_list<std::string_view> fields) {
    FieldDigest out;
    for (const std::string_view each : fields) out.add(each);
    return out.finish();
  };
  CHECK(of({"ab", "c"}) == of({"ab", "c"}));
  CHECK(of({"ab", "c"}) != of({"a", "bc"}));
  CHECK(of({"ab", ""}) != of({"ab"}));
  Bytes expected(32);
  blake2b({}, as_bytes(std::string_view("\1\0\0\0\0\0\0\0x", 9)), expected);
  CHECK(of({"x"}) == expected);
}

}  // namespace wmk::crypto
