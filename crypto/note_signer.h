// The secret key of a log or a witness, which signs notes.
//
// Purpose: reads and writes the key file of Go's note package. One key can sign as a log (the whole
// text) and as a witness (text and time); the two have different ids.
// Lifetime: values; secret keys are kept in locked memory. Thread-safety: reading from any thread
// is safe.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "crypto/note_key.h"
#include "crypto/secret.h"

namespace wmk::crypto {

class NoteSigner {
 public:
  // `name` must be a note name.
  static Result<NoteSigner> generate(std::string_view name);
  // Wipes `seed`, 32 bytes.
  static Result<NoteSigner> from_seed(std::string_view name, std::span<std::byte> seed);
  // "PRIVATE+KEY+NAME+ID+BASE64", as Go's note package writes it.
  static Result<NoteSigner> read(const std::filesystem::path& path);
  static Result<NoteSigner> parse(std::string_view text);

  const std::string& name() const { return name_; }
  bool readable_by_others() const { return readable_by_others_; }
  // The key as a log's (ed25519) or as a witness's (cosignature).
  NoteVerifier verifier(NoteKeyType type) const;
  // The content of its file; the caller writes it with mode 0600.
  SecretBytes file_content() const;

  NoteSignature sign(std::string_view text) const;
  NoteSignature cosign(std::string_view text, uint64_t seconds) const;

 private:
  NoteSigner(std::string name, SecretBytes pair) : name_(std::move(name)), pair_(std::move(pair)) {}
  Bytes signature_of(std::string_view message) const;
  NoteSignature named(NoteKeyType type, Bytes bytes) const;

  std::string name_;
  SecretBytes pair_;  // 32 bytes of seed, 32 bytes of public key
  bool readable_by_others_ = false;
};

}  // namespace wmk::crypto
