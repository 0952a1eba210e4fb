// Small things that every file with OpenSSL in it needs.
//
// Thread-safety: pure functions, but OpenSSL's queue of errors belongs to a thread.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"

struct bio_st;

namespace wmk::sign {

struct FreeBio {
  void operator()(bio_st* bio) const;
};
using BioPointer = std::unique_ptr<bio_st, FreeBio>;

// Reads from memory that must outlive it.
BioPointer bio_over(ByteView bytes);
BioPointer memory_bio();
// What was written to a memory_bio().
std::string content_of(bio_st* bio);
// The reason OpenSSL gave last, in lower case; empties its queue.
std::string openssl_reason();

inline const unsigned char* octets(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace wmk::sign
