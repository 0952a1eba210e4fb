#include "sign/keyless/sct.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/text.h"
#include "sign/digest.h"
#include "sign/keys/openssl.h"
#include "sign/keys/x509.h"

namespace wmk::sign {

namespace {

constexpr size_t kCertificateTimestampsMax = 16;
constexpr size_t kLogIdBytes = 32, kTimeBytes = 8;

// Bytes in the order of TLS: big-endian numbers, and vectors behind their length.
class TlsReader {
 public:
  explicit TlsReader(ByteView bytes) : rest_(bytes) {}

  ByteView take(size_t count) {
    if (count > rest_.size()) failed_ = true;
    if (failed_) return {};
    const ByteView out = rest_.first(count);
    rest_ = rest_.subspan(count);
    return out;
  }
  uint64_t number(size_t bytes) {
    uint64_t out = 0;
    for (const std::byte b : take(bytes)) out = out << 8 | static_cast<uint64_t>(b);
    return out;
  }
  // Behind a length of two bytes.
  ByteView vector() { return take(number(2)); }
  bool good() const { return !failed_; }
  bool ended() const { return !failed_ && rest_.empty(); }

 private:
  ByteView rest_;
  bool failed_ = false;
};

struct CertificateTimestamp {
  ByteView log_id, time, extensions, signature;
  uint64_t milliseconds = 0;
};

// Version 1 with SHA-256; nullopt for any other.
std::optional<CertificateTimestamp> parse_timestamp(ByteView bytes) {
  TlsReader reader(bytes);
  CertificateTimestamp out;
  constexpr uint64_t kVersion1 = 0, kSha256 = 4;
  const bool version = reader.number(1) == kVersion1;
  out.log_id = reader.take(kLogIdBytes);
  out.time = reader.take(kTimeBytes);
  out.milliseconds = TlsReader(out.time).number(kTimeBytes);
  out.extensions = reader.vector();
  const bool hash = reader.number(1) == kSha256;
  reader.number(1);  // the signature's algorithm: the key decides
  out.signature = reader.vector();
  return version && hash && reader.ended() ? std::optional(out) : std::nullopt;
}

// The list in the certificate's extension: a string of bytes inside that of the extension.
Bytes timestamp_list(X509* certificate) {
  const int place = X509_get_ext_by_NID(certificate, NID_ct_precert_scts, -1);
  if (place < 0 || X509_get_ext_by_NID(certificate, NID_ct_precert_scts, place) >= 0) return {};
  const ASN1_OCTET_STRING* const outer = X509_EXTENSION_get_data(X509_get_ext(certificate, place));
  const unsigned char* at = ASN1_STRING_get0_data(outer);
  const unsigned char* const end = at + ASN1_STRING_length(outer);
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> inner(
      d2i_ASN1_OCTET_STRING(nullptr, &at, end - at), ASN1_OCTET_STRING_free);
  ERR_clear_error();
  if (!inner || at != end) return {};
  const auto* const bytes = reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(inner.get()));
  return {bytes, bytes + ASN1_STRING_length(inner.get())};
}

// The certificate's signed part without the timestamps: what the log saw.
Bytes logged_part(X509* certificate) {
  const CertificatePointer copy(X509_dup(certificate));
  const int at = copy ? X509_get_ext_by_NID(copy.get(), NID_ct_precert_scts, -1) : -1;
  if (at < 0) return {};
  X509_EXTENSION_free(X509_delete_ext(copy.get(), at));
  const int size = i2d_re_X509_tbs(copy.get(), nullptr);
  if (size <= 0) return {};
  Bytes out(static_cast<size_t>(size));
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  i2d_re_X509_tbs(copy.get(), &to);
  return out;
}

void append_number(Bytes& out, uint64_t value, size_t bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::byte>(value >> (8 * bytes)));
}

void append_bytes(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// The key of a certificate as SHA-256 of its SubjectPublicKeyInfo.
Bytes issuer_hash(ByteView issuer) {
  const CertificatePointer certificate = certificate_from(issuer);
  if (!certificate) return {};
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
  if (size <= 0) return {};
  Bytes out = sha256({reinterpret_cast<const std::byte*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return out;
}

Bytes signed_bytes(const CertificateTimestamp& timestamp, ByteView issuer_key, ByteView part) {
  constexpr uint64_t kVersion1 = 0, kCertificateTimestamp = 0, kPrecertificate = 1;
  Bytes out;
  append_number(out, kVersion1, 1);
  append_number(out, kCertificateTimestamp, 1);
  append_bytes(out, timestamp.time);
  append_number(out, kPrecertificate, 2);
  append_bytes(out, issuer_key);
  append_number(out, part.size(), 3);
  append_bytes(out, part);
  append_number(out, timestamp.extensions.size(), 2);
  append_bytes(out, timestamp.extensions);
  return out;
}

const TrustedLog* certificate_log(const CertificateTimestamp& timestamp,
                                  const std::vector<TrustedLog>& logs) {
  const auto time = static_cast<int64_t>(timestamp.milliseconds / 1000);
  const auto found = std::ranges::find_if(logs, [&](const TrustedLog& log) {
    return std::ranges::equal(log.id, timestamp.log_id) && log.valid.contains(time);
  });
  return found == logs.end() ? nullptr : &*found;
}

}  // namespace

bool has_certificate_timestamp(ByteView der, ByteView issuer, const std::vector<TrustedLog>& logs,
                               Findings& findings) {
  const auto refuse = [&](std::string_view why) {
    return findings.no(Code::certificate_transparency, std::string(why));
  };
  const CertificatePointer certificate = certificate_from(der);
  const Bytes list = certificate ? timestamp_list(certificate.get()) : Bytes();
  if (list.empty()) return refuse("the certificate contains no signed certificate timestamp");
  const Bytes part = logged_part(certificate.get()), issuer_key = issuer_hash(issuer);
  TlsReader outer(list);
  TlsReader reader(outer.vector());
  bool found = false;
  for (size_t count = 0; outer.ended() && !reader.ended(); ++count) {
    const ByteView item = reader.vector();
    if (!reader.good() || count == kCertificateTimestampsMax)
      return refuse("its timestamps are malformed");
    const auto timestamp = parse_timestamp(item);
    const TrustedLog* const log = timestamp ? certificate_log(*timestamp, logs) : nullptr;
    if (log == nullptr) continue;
    if (!log->key.verifies(signed_bytes(*timestamp, issuer_key, part), timestamp->signature)) {
      return refuse(cat("the timestamp by ", escaped(log->name), " is not valid"));
    }
    found = true;
  }
  return found || refuse("no trusted log has promised to publish the certificate");
}

}  // namespace wmk::sign
