#include "checkpoint/text/sentencepiece.h"

#include "base/text.h"
#include "base/utf8.h"
#include "proto/sentencepiece.pb.h"

namespace wmk::checkpoint {
namespace {

Result<std::string_view> string_of(const proto::SentencePiece& piece) {
  if (piece.piece_size() == 0 || piece.piece(0).empty()) return malformed("has no string");
  if (piece.piece_size() > 1) return malformed("has two strings");
  if (!is_utf8(piece.piece(0))) return malformed("is not UTF-8");
  return std::string_view(piece.piece(0));
}

}  // namespace

Status read_sentencepiece(ByteView model,
                          const std::function<void(uint64_t, std::string_view)>& use) {
  if (model.size() > kSentencePieceBytesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("has ", model.size(), " bytes, the limit is ", kSentencePieceBytesMax));
  }
  proto::SentencePieceModel message;
  if (!message.ParseFromArray(model.data(), static_cast<int>(model.size()))) {
    return malformed("is cut off or not a SentencePiece model");
  }
  if (message.pieces().empty()) return malformed("has no pieces");
  uint64_t id = 0;
  for (const proto::SentencePiece& piece : message.pieces()) {
    const auto text = string_of(piece);
    if (!text) return Error(text.error()).within(cat("piece ", id));
    use(id++, *text);
  }
  return {};
}

}  // namespace wmk::checkpoint
