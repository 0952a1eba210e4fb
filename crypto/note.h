// Signed notes (C2SP signed-note) and checkpoints, the notes by which logs state size and root.
//
// Purpose: reads their text. Who signed is for the caller to check: a signature by an unknown name
// or key is ignored, a wrong one by a known key refuses the whole note.
// Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/merkle.h"

namespace wmk::crypto {

inline constexpr size_t kNoteBytesMax = 64 << 10;
inline constexpr size_t kNoteSignaturesMax = 64;

using NoteKeyId = std::array<std::byte, 4>;

struct NoteSignature {
  std::string name;
  NoteKeyId id{};
  Bytes bytes;  // after the id
};

struct SignedNote {
  std::string text;  // what was signed: everything before the last empty line
  std::vector<NoteSignature> signatures;
};

// Not empty, UTF-8, no white space, no control character and no '+'.
bool is_note_name(std::string_view name);
Result<SignedNote> parse_note(std::string_view note);
// "— NAME BASE64\n".
std::string note_signature_line(const NoteSignature& signature);

struct LogCheckpoint {
  std::string origin;
  TreeHead head;
  std::vector<std::string> extensions;  // the lines after the root
};

// From the text of a note.
Result<LogCheckpoint> parse_checkpoint(std::string_view text);
std::string checkpoint_text(const LogCheckpoint& checkpoint);

}  // namespace wmk::crypto
