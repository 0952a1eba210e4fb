#include "lineage/model/token_table.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/bytes.h"
#include "base/text.h"
#include "base/utf8.h"

namespace wmk::lineage {

namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";   // U+2581, sentencepiece
constexpr std::string_view kByteLevelSpace = "\xC4\xA0";  // U+0120, the space of byte-level BPE

// Byte-level BPE writes printable bytes as they are, and the others, in order, as U+0100 + n.
std::array<int, 0x144> bytes_by_code_point() {
  std::array<int, 0x144> out;
  out.fill(-1);
  size_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) ||
                        (byte >= 0xAE && byte <= 0xFF);
    out[prints ? static_cast<size_t>(byte) : next++] = byte;
  }
  return out;
}

std::string decoded_byte_level(std::string_view token) {
  static const std::array<int, 0x144> kBytes = bytes_by_code_point();
  std::string out;
  for (size_t i = 0; i < token.size();) {
    const size_t length = utf8_sequence_length(token.substr(i));
    const size_t code = length > 0 ? decode_utf8(token.substr(i, length)) : kBytes.size();
    if (code >= kBytes.size() || kBytes[code] < 0) {
      return std::string(token);  // outside this alphabet: an added token
    }
    out.push_back(static_cast<char>(kBytes[code]));
    i += length;
  }
  return out;
}

std::string decoded_sentencepiece(std::string_view token) {
  if (token.size() == 6 && token.starts_with("<0x") && token.ends_with(">")) {
    if (const auto byte = hex_byte(token.substr(3))) return {static_cast<char>(*byte)};
  }
  std::string out;
  for (size_t i = 0; i < token.size();) {
    const bool is_space = token.substr(i).starts_with(kSpaceMark);
    out.push_back(is_space ? ' ' : token[i]);
    i += is_space ? kSpaceMark.size() : 1;
  }
  return out;
}

// Tokens of one label are told apart by their order, so that each row is matched at most once.
class LabelOccurrences {
 public:
  std::string numbered(std::string label) {
    const uint64_t earlier = seen_[label]++;
    if (earlier > 0) label.append(1, '\0').append(std::to_string(earlier));
    return label;
  }

 private:
  std::unordered_map<std::string, uint64_t> seen_;
};

}  // namespace

Spelling spelling_of(const checkpoint::Vocabulary& vocabulary) {
  size_t byte_level = 0, sentencepiece = 0;
  for (const std::string& token : vocabulary.strings) {
    byte_level += token.starts_with(kByteLevelSpace);
    sentencepiece += token.starts_with(kSpaceMark);
  }
  if (byte_level == 0 && sentencepiece == 0) return Spelling::plain;
  return byte_level > sentencepiece ? Spelling::byte_level : Spelling::sentencepiece;
}

std::string decoded(std::string_view token, Spelling spelling) {
  switch (spelling) {
    case Spelling::byte_level:
      return decoded_byte_level(token);
    case Spelling::sentencepiece:
      return decoded_sentencepiece(token);
    default:
      return std::string(token);
  }
}

TokenTable match_rows(size_t suspect_rows, size_t reference_rows) {
  TokenTable out;
  out.by_number = true;
  const size_t rows = std::min(suspect_rows, reference_rows);
  for (uint64_t row = 0; row < rows; ++row) out.rows.emplace_back(row, row);
  return out;
}

TokenTable match_tokens(const checkpoint::Vocabulary& suspect,
                        const checkpoint::Vocabulary& reference) {
  if (suspect.named == 0 || reference.named == 0) {
    return match_rows(suspect.strings.size(), reference.strings.size());
  }
  TokenTable out;
  const Spelling of_reference = spelling_of(reference), of_suspect = spelling_of(suspect);
  std::unordered_map<std::string, uint64_t> known;
  LabelOccurrences of_one, of_other;
  for (uint64_t row = 0; row < reference.strings.size(); ++row) {
    if (reference.strings[row] == checkpoint::id_label(row)) continue;
    known.emplace(of_one.numbered(decoded(reference.strings[row], of_reference)), row);
  }
  for (uint64_t row = 0; row < suspect.strings.size(); ++row) {
    if (suspect.strings[row] == checkpoint::id_label(row)) continue;
    const auto at = known.find(of_other.numbered(decoded(suspect.strings[row], of_suspect)));
    if (at != known.end()) out.rows.emplace_back(row, at->second);
  }
  return out;
}

}  // namespace wmk::lineage
