#include "crypto/field_digest.h"

#include "crypto/blake2b.h"

namespace wmk::crypto {

void FieldDigest::add(ByteView field) {
  add_number(field.size());
  bytes_.append(as_text(field));
}

void FieldDigest::add_number(uint64_t number) {
  std::byte bytes[sizeof number];
  store_le<uint64_t>(bytes, number);
  bytes_.append(as_text(bytes));
}

Bytes FieldDigest::finish() const {
  Bytes out(32);
  blake2b({}, as_bytes(bytes_), out);
  return out;
}

}  // namespace wmk::crypto
