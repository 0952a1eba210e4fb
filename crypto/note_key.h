// Keys that verify notes: Ed25519 as C2SP's signed-note and tlog-cosignature define them.
//
// Purpose: a NoteVerifier is what others know of a log or a witness (a "vkey"). Keys of type 06
// (ML-DSA-44) are recognised, but their signatures are ignored.
// Lifetime: values. Thread-safety: reading from any thread is safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/note.h"

namespace wmk::crypto {

// The byte in front of the key.
enum class NoteKeyType : uint8_t { ed25519 = 1, cosignature = 4, ml_dsa_cosignature = 6 };

// What a note says of one key. `invalid`: a signature under the key's name and id is wrong, and the
// whole note must be refused.
enum class NoteSigned : uint8_t { absent, valid, invalid };
struct NoteAnswer {
  NoteSigned state = NoteSigned::absent;
  uint64_t time = 0;  // Unix seconds, of a cosignature: the earliest one
};

class NoteVerifier {
 public:
  // "NAME+ID+BASE64". The id must be the one that name and key give.
  static Result<NoteVerifier> parse(std::string_view vkey);

  const std::string& name() const { return name_; }
  const NoteKeyId& id() const { return id_; }
  NoteKeyType type() const { return type_; }
  // Of all types that share a public key, for finding duplicates.
  ByteView key() const { return key_; }
  std::string vkey() const;
  NoteAnswer answer(const SignedNote& note) const;

 private:
  friend class NoteSigner;
  NoteVerifier(std::string name, NoteKeyType type, Bytes key);
  std::optional<uint64_t> verified_time(std::string_view text, ByteView signature) const;

  std::string name_;
  NoteKeyType type_;
  Bytes key_;
  NoteKeyId id_{};
};

// The parts of "NAME+ID+BASE64"; nullopt if there are fewer.
struct NoteKeyFields {
  std::string_view name, id, base64;
};
std::optional<NoteKeyFields> note_key_fields(std::string_view text);
// What a witness signs: the text of a checkpoint and the time.
std::string cosigned_message(std::string_view text, uint64_t seconds);

}  // namespace wmk::crypto
