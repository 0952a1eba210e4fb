// Helpers for all files that use OpenSSL.
//
// Thread-safety: pure functions, but OpenSSL has an error queue per thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key_file.h"

struct bio_st;
struct ui_method_st;

namespace wmk::sign {

struct FreeBio {
  void operator()(bio_st* bio) const;
};
using BioPointer = std::unique_ptr<bio_st, FreeBio>;

// Reads from `bytes`, which must outlive it.
BioPointer bio_over(ByteView bytes);
BioPointer memory_bio();
// What was written to a memory_bio().
std::string content_of(bio_st* bio);
// OpenSSL's last error in lower case; empties its queue.
std::string openssl_reason();
// OpenSSL's first error, the cause of the others; empties its queue.
std::string openssl_cause();

inline const unsigned char* octets(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Only the first call in a process has an effect. Without it OpenSSL keeps secrets on the heap.
void use_secure_heap();

// The user data of OpenSSL's passphrase callbacks: where to get the passphrase, and the error.
struct PassphraseRequest {
  const crypto::PassphraseSource* source;
  std::optional<Error> failure;
  bool asked = false;
};
// The callback for OpenSSL's PEM readers; `user` is a PassphraseRequest.
int give_passphrase(char* buffer, int size, int for_writing, void* user);

struct FreePrompt {
  void operator()(ui_method_st* method) const;
};
using PromptPointer = std::unique_ptr<ui_method_st, FreePrompt>;
// The same for stores and engines; their user data must be a PassphraseRequest.
PromptPointer passphrase_prompt();

}  // namespace wmk::sign
