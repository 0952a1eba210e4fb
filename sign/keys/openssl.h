// Small things that every file with OpenSSL in it needs.
//
// Thread-safety: pure functions, but OpenSSL's queue of errors belongs to a thread.
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

// Reads from memory that must outlive it.
BioPointer bio_over(ByteView bytes);
BioPointer memory_bio();
// What was written to a memory_bio().
std::string content_of(bio_st* bio);
// The reason OpenSSL gave last, in lower case; empties its queue.
std::string openssl_reason();
// The one that it gave first: what lies behind the others.
std::string openssl_cause();

inline const unsigned char* octets(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Works once a process; without it OpenSSL keeps secret numbers on its ordinary heap.
void use_secure_heap();

// What OpenSSL's callbacks are given to ask with, and where they leave why there is no answer.
struct Asking {
  const crypto::PassphraseSource* source;
  std::optional<Error> failure;
  bool asked = false;
};
// The callback of its PEM readers; `user` is an Asking.
int give_passphrase(char* buffer, int size, int for_writing, void* user);

struct FreePrompt {
  void operator()(ui_method_st* method) const;
};
using PromptPointer = std::unique_ptr<ui_method_st, FreePrompt>;
// The same for its stores and engines, whose user data must be an Asking.
PromptPointer passphrase_prompt();

}  // namespace wmk::sign
