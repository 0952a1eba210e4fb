// Asking an authority for a timestamp; see sign/keys/timestamp.h.
#include <openssl/asn1.h>
#include <openssl/rand.h>
#include <openssl/ts.h>

#include <array>
#include <memory>

#include "base/text.h"
#include "sign/digest.h"
#include "sign/keys/openssl.h"
#include "sign/keys/timestamp.h"

namespace wmk::sign {

namespace {

constexpr size_t kNonceBytes = 8;

}  // namespace

Result<Bytes> timestamp_query(ByteView signature) {
  const Bytes digest = sha256(signature);
  std::array<unsigned char, kNonceBytes> random{};
  const std::unique_ptr<TS_REQ, decltype(&TS_REQ_free)> query(TS_REQ_new(), TS_REQ_free);
  const std::unique_ptr<TS_MSG_IMPRINT, decltype(&TS_MSG_IMPRINT_free)> imprint(
      TS_MSG_IMPRINT_new(), TS_MSG_IMPRINT_free);
  const std::unique_ptr<X509_ALGOR, decltype(&X509_ALGOR_free)> algorithm(X509_ALGOR_new(),
                                                                          X509_ALGOR_free);
  const std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)> nonce(ASN1_INTEGER_new(),
                                                                          ASN1_INTEGER_free);
  auto* const bytes = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(digest.data()));
  bool good = query && imprint && algorithm && nonce &&
              RAND_bytes(random.data(), static_cast<int>(random.size())) == 1;
  random[0] = static_cast<unsigned char>((random[0] & 0x7F) | 1);  // positive, exactly 8 bytes
  good =
      good && ASN1_STRING_set(nonce.get(), random.data(), static_cast<int>(random.size())) == 1 &&
      X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) == 1 &&
      TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
      TS_MSG_IMPRINT_set_msg(imprint.get(), bytes, static_cast<int>(digest.size())) == 1 &&
      TS_REQ_set_version(query.get(), 1) == 1 &&
      TS_REQ_set_msg_imprint(query.get(), imprint.get()) == 1 &&
      TS_REQ_set_nonce(query.get(), nonce.get()) == 1 && TS_REQ_set_cert_req(query.get(), 1) == 1;
  const int size = good ? i2d_TS_REQ(query.get(), nullptr) : -1;
  if (size <= 0) return Error(ErrorCode::crypto, cat("cannot make a query: ", openssl_reason()));
  Bytes out(static_cast<size_t>(size));
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  i2d_TS_REQ(query.get(), &to);
  return out;
}

}  // namespace wmk::sign
