#include "crypto/note.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"
#include "crypto/encoding.h"

namespace wmk::crypto {

namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";

// Unicode's property White_Space.
bool is_white(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// Removes the first line from `text`, which has a newline, and returns it.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<NoteSignature> parse_note_signature(std::string_view line) {
  const Error wrong = malformed("a note's signature is not '\xE2\x80\x94 NAME BASE64'");
  if (!line.starts_with(kDash)) return wrong;
  line.remove_prefix(kDash.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_note_name(line.substr(0, space))) return wrong;
  const auto bytes = from_base64(line.substr(space + 1));
  NoteSignature out;
  if (!bytes || bytes->size() <= out.id.size()) return wrong;
  out.name = line.substr(0, space);
  std::copy_n(bytes->begin(), out.id.size(), out.id.begin());
  out.bytes.assign(bytes->begin() + static_cast<std::ptrdiff_t>(out.id.size()), bytes->end());
  return out;
}

}  // namespace

bool is_note_name(std::string_view name) {
  if (name.empty() || !is_utf8(name)) return false;
  while (!name.empty()) {
    const size_t length = utf8_sequence_length(name);
    const char32_t c = decode_utf8(name.substr(0, length));
    if (c < 0x20 || c == '+' || is_white(c)) return false;
    name.remove_prefix(length);
  }
  return true;
}

Result<SignedNote> parse_note(std::string_view note) {
  if (note.size() > kNoteBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat("a note of more than ", kNoteBytesMax, " bytes"));
  }
  const auto is_control = [](unsigned char c) { return c < 0x20 && c != '\n'; };
  if (!is_utf8(note) || std::ranges::any_of(note, is_control)) {
    return malformed("a note is not UTF-8 or has control characters");
  }
  const size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos || split == 0 || !note.ends_with('\n')) {
    return malformed("a note has no text, no empty line or no final newline");
  }
  SignedNote out{std::string(note.substr(0, split + 1)), {}};
  note.remove_prefix(split + 2);
  if (note.empty()) return malformed("a note has no signature");
  while (!note.empty()) {
    if (out.signatures.size() == kNoteSignaturesMax) {
      return Error(ErrorCode::limit_exceeded,
                   cat("a note with more than ", kNoteSignaturesMax, " signatures"));
    }
    auto signature = parse_note_signature(take_line(note));
    if (!signature) return std::move(signature).error();
    out.signatures.push_back(std::move(*signature));
  }
  return out;
}

std::string note_signature_line(const NoteSignature& signature) {
  Bytes bytes(signature.id.begin(), signature.id.end());
  bytes.insert(bytes.end(), signature.bytes.begin(), signature.bytes.end());
  return cat(kDash, signature.name, " ", to_base64(bytes), "\n");
}

Result<LogCheckpoint> parse_checkpoint(std::string_view text) {
  if (std::ranges::count(text, '\n') < 3 || !text.ends_with('\n')) {
    return malformed("a checkpoint has fewer than three lines");
  }
  LogCheckpoint out;
  out.origin = take_line(text);
  const auto size = decimal(take_line(text));
  const auto root = from_base64(take_line(text));
  if (out.origin.empty()) return malformed("a checkpoint names no origin");
  if (!size) return malformed("a checkpoint's size is not a decimal number");
  if (!root || root->size() != out.head.root.size()) {
    return malformed("a checkpoint's root is not the base64 of 32 bytes");
  }
  out.head.size = *size;
  std::ranges::copy(*root, out.head.root.begin());
  while (!text.empty()) {
    out.extensions.emplace_back(take_line(text));
    if (out.extensions.back().empty()) return malformed("a checkpoint has an empty line");
  }
  return out;
}

std::string checkpoint_text(const LogCheckpoint& checkpoint) {
  std::string out = cat(checkpoint.origin, "\n", checkpoint.head.size, "\n",
                        to_base64(checkpoint.head.root), "\n");
  for (const std::string& line : checkpoint.extensions) out += line + "\n";
  return out;
}

}  // namespace wmk::crypto
