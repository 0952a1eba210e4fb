// Owning pointers to OpenSSL's certificate types.
//
// Thread-safety: pure functions.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"

struct x509_st;
struct x509_store_st;
struct stack_st_X509;

namespace wmk::sign {

struct FreeX509 {
  void operator()(x509_st* certificate) const;
  void operator()(x509_store_st* store) const;
  void operator()(stack_st_X509* stack) const;
};
using CertificatePointer = std::unique_ptr<x509_st, FreeX509>;
using StorePointer = std::unique_ptr<x509_store_st, FreeX509>;
using StackPointer = std::unique_ptr<stack_st_X509, FreeX509>;

// nullptr unless `der` is exactly one certificate.
CertificatePointer certificate_from(ByteView der);
// nullptr if one of them is not a certificate.
StackPointer stack_of(const std::vector<Bytes>& certificates);
// self_signed: chains must end in a root. any: a trusted intermediate certificate ends them, too.
enum class AnchorKind { self_signed, any };
// A store that trusts only these; nullptr if one of them is not usable.
StorePointer store_of(const std::vector<Bytes>& anchors, AnchorKind kind = AnchorKind::self_signed);
Bytes der_of(x509_st* certificate);

}  // namespace wmk::sign
