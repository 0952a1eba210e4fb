#include "sign/keys/timestamp.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

#include "base/text.h"
#include "sign/digest.h"
#include "sign/keys/openssl.h"
#include "sign/keys/x509.h"

namespace wmk::sign {

namespace {

template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Response = std::unique_ptr<TS_RESP, FreeBy<TS_RESP_free>>;

Error no_proof(std::string text) { return Error(ErrorCode::crypto, std::move(text)); }

Response response_from(ByteView der) {
  const unsigned char* at = octets(der);
  Response response(d2i_TS_RESP(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (response && at != octets(der) + der.size()) response.reset();
  return response;
}

std::optional<int64_t> time_of(const Response& response) {
  TS_TST_INFO* const info = response ? TS_RESP_get_tst_info(response.get()) : nullptr;
  std::tm parts{};
  if (info == nullptr || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1) {
    return std::nullopt;
  }
  return static_cast<int64_t>(timegm(&parts));
}

// The digest of `signature` by the response's algorithm.
std::optional<std::string> imprint_for(TS_TST_INFO* info, ByteView signature) {
  TS_MSG_IMPRINT* const imprint = TS_TST_INFO_get_msg_imprint(info);
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  const int kind = OBJ_obj2nid(object);
  // No SHA-1: an attacker could make two signatures with the same digest.
  if (kind != NID_sha256 && kind != NID_sha384 && kind != NID_sha512) return std::nullopt;
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(signature.data(), signature.size(), reinterpret_cast<unsigned char*>(out.data()),
             &size, EVP_get_digestbynid(kind), nullptr);
  out.resize(size);
  return out;
}

bool has_imprint(TS_TST_INFO* info, std::string_view expected) {
  const ASN1_OCTET_STRING* const imprint =
      TS_MSG_IMPRINT_get_msg(TS_TST_INFO_get_msg_imprint(info));
  return std::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(imprint)),
                          static_cast<size_t>(ASN1_STRING_length(imprint))) == expected;
}

// The signer's certificate; null if the token does not contain it.
X509* signer_of(const Response& response, const StackPointer& anchors) {
  PKCS7* const token = TS_RESP_get_token(response.get());
  STACK_OF(X509)* const found = PKCS7_get0_signers(token, anchors.get(), 0);
  X509* const signer =
      found != nullptr && sk_X509_num(found) == 1 ? sk_X509_value(found, 0) : nullptr;
  sk_X509_free(found);
  ERR_clear_error();
  return signer;
}

// Checks status and imprint; returns the imprint's bytes.
Result<std::string> granted_imprint(const Response& response, ByteView signature) {
  if (!response) return no_proof("not a timestamp response");
  const long status =
      ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response.get())));
  TS_TST_INFO* const info = TS_RESP_get_tst_info(response.get());
  if ((status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) || info == nullptr) {
    return no_proof("the authority did not grant a timestamp");
  }
  auto imprint = imprint_for(info, signature);
  if (!imprint) return no_proof("the imprint is not SHA-256, SHA-384 or SHA-512");
  if (!has_imprint(info, *imprint)) return no_proof("the timestamp is for another signature");
  return std::move(*imprint);
}

// OpenSSL's check of version, imprint, and the signature's chain at `time`.
bool token_holds(const Response& response, const std::string& imprint, StorePointer store,
                 StackPointer others, int64_t time) {
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), static_cast<time_t>(time));
  const std::unique_ptr<TS_VERIFY_CTX, FreeBy<TS_VERIFY_CTX_free>> context(TS_VERIFY_CTX_new());
  auto* const bytes = static_cast<unsigned char*>(OPENSSL_memdup(imprint.data(), imprint.size()));
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE);
  // The context takes ownership of all three.
  TS_VERIFY_CTX_set_imprint(context.get(), bytes, static_cast<long>(imprint.size()));
  TS_VERIFY_CTX_set_store(context.get(), store.release());
  TS_VERIFY_CTX_set_certs(context.get(), others.release());
  return TS_RESP_verify_response(context.get(), response.get()) == 1;
}

struct TimestampTrust {
  StorePointer store;
  StackPointer known;  // certificates that a token may leave out
  ByteView signer;     // the only one that may sign; empty: any that the store trusts
};

Result<ProvenTime> proven_with(ByteView der, ByteView signature, TimestampTrust trust) {
  const Response response = response_from(der);
  auto imprint = granted_imprint(response, signature);
  if (!imprint) return std::move(imprint).error();
  const auto time = time_of(response);
  if (!time) return no_proof("its time cannot be read");
  if (!trust.store || !trust.known) return no_proof("an authority's certificate is not usable");
  X509* const signer = signer_of(response, trust.known);
  if (signer == nullptr)
    return no_proof("the response does not contain the authority's certificate");
  const Bytes signer_der = der_of(signer);
  if (!trust.signer.empty() && !std::ranges::equal(signer_der, trust.signer)) {
    return no_proof("it is by another authority");
  }
  ProvenTime out;
  auto view = view_certificate(signer_der);
  if (!view) return std::move(view).error();
  out.seconds = *time;
  out.authority = view->subject;
  Bytes key(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  X509_pubkey_digest(signer, EVP_sha256(), reinterpret_cast<unsigned char*>(key.data()), &size);
  key.resize(size);
  out.key = to_hex(key);
  if (!token_holds(response, *imprint, std::move(trust.store), std::move(trust.known), *time)) {
    return no_proof(openssl_reason());
  }
  return out;
}

}  // namespace

Status checked_response(ByteView response, ByteView signature) {
  auto imprint = granted_imprint(response_from(response), signature);
  if (!imprint) return std::move(imprint).error();
  return {};
}

Result<ProvenTime> proven_time(ByteView der, ByteView signature, const TrustAnchors& authorities) {
  return proven_with(der, signature,
                     {store_of(authorities.certificates), stack_of(authorities.certificates), {}});
}

Result<ProvenTime> proven_time_under(ByteView der, ByteView signature, const Bytes& root,
                                     const TrustAnchors& authorities) {
  return proven_with(der, signature, {store_of({root}), stack_of(authorities.certificates), {}});
}

Result<ProvenTime> proven_time_by(ByteView der, ByteView signature,
                                  const std::vector<Bytes>& authority) {
  return proven_with(
      der, signature,
      {store_of({authority.back()}, AnchorKind::any), stack_of(authority), authority.front()});
}

std::optional<int64_t> claimed_time(ByteView response) { return time_of(response_from(response)); }

std::string time_text(int64_t seconds) {
  constexpr int64_t kYearOne = -62135596800, kYear10000 = 253402300800;
  if (seconds < kYearOne || seconds >= kYear10000) return cat(seconds, " seconds after 1970");
  const auto time = static_cast<time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  const size_t count = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), count);
}

}  // namespace wmk::sign
