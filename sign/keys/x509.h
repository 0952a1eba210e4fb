// OpenSSL's certificates under ownership, for the files of this room.
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

// All of the bytes, or nullptr.
CertificatePointer certificate_from(ByteView der);
// Null where one of them is no certificate.
StackPointer stack_of(const std::vector<Bytes>& certificates);
// Trusts these and nothing else.
StorePointer store_of(const std::vector<Bytes>& anchors);
Bytes der_of(x509_st* certificate);

}  // namespace wmk::sign
