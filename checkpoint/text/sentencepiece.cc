#include "checkpoint/text/sentencepiece.h"

#include <optional>

#include "base/text.h"
#include "base/utf8.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kPieces = 1;  // of the model
constexpr uint64_t kString = 1;  // of a piece

enum WireType : uint64_t { varint = 0, eight_bytes = 1, counted = 2, four_bytes = 5 };

struct Field {
  uint64_t number = 0, type = 0;
  ByteView content;  // of a counted one
};

// The fields of one message, from front to back.
class Fields {
 public:
  explicit Fields(ByteView rest) : rest_(rest) {}

  bool done() const { return rest_.empty(); }

  // None where the message is damaged.
  std::optional<Field> next() {
    const auto tag = number();
    if (!tag || *tag >> 3 == 0) return std::nullopt;
    Field field{*tag >> 3, *tag & 7, {}};
    if (field.type == varint) {
      if (!number()) return std::nullopt;
    } else if (field.type == eight_bytes || field.type == four_bytes) {
      if (!take(field.type == eight_bytes ? 8 : 4)) return std::nullopt;
    } else if (field.type == counted) {
      const auto bytes = number();
      const auto content = bytes ? take(*bytes) : std::nullopt;
      if (!content) return std::nullopt;
      field.content = *content;
    } else {
      return std::nullopt;
    }
    return field;
  }

 private:
  // At most ten bytes of seven bits, of which the last has one.
  std::optional<uint64_t> number() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      if (shift == 63 && byte > 1) return std::nullopt;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    return std::nullopt;
  }

  std::optional<ByteView> take(uint64_t bytes) {
    if (bytes > rest_.size()) return std::nullopt;
    const ByteView taken = rest_.first(bytes);
    rest_ = rest_.subspan(bytes);
    return taken;
  }

  ByteView rest_;
};

Result<std::string_view> string_of(ByteView piece) {
  std::optional<std::string_view> text;
  for (Fields fields(piece); !fields.done();) {
    const auto field = fields.next();
    if (!field) return malformed("is cut off or no message");
    if (field->number != kString) continue;
    if (field->type != counted) return malformed("its string is no string");
    if (text) return malformed("has two strings");
    text = as_text(field->content);
  }
  if (!text || text->empty()) return malformed("has no string");
  if (!is_utf8(*text)) return malformed("is not UTF-8");
  return *text;
}

}  // namespace

Status read_sentencepiece(ByteView model,
                          const std::function<void(uint64_t, std::string_view)>& use) {
  uint64_t id = 0;
  for (Fields fields(model); !fields.done();) {
    const auto field = fields.next();
    if (!field) return malformed("is cut off or no SentencePiece model");
    if (field->number != kPieces) continue;
    if (field->type != counted) return malformed("is no SentencePiece model");
    const auto text = string_of(field->content);
    if (!text) return Error(text.error()).within(cat("piece ", id));
    use(id++, *text);
  }
  if (id == 0) return malformed("has no pieces");
  return {};
}

}  // namespace wmk::checkpoint
