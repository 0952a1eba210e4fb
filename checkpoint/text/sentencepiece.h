// tokenizer.model: the tokens of a SentencePiece model.
//
// Purpose: reads the pieces of the protobuf message and skips everything else. A piece with two
// strings, which readers could understand differently, or with none is malformed.
// Thread-safety: pure function.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace wmk::checkpoint {

// A million pieces take less than 32 MiB; protobuf needs up to 40 bytes of memory for each byte of
// a hostile file.
inline constexpr uint64_t kSentencePieceBytesMax = 32ull << 20;

// Calls use(id, piece) for each piece in order. A view is valid during the call.
Status read_sentencepiece(ByteView model,
                          const std::function<void(uint64_t, std::string_view)>& use);

}  // namespace wmk::checkpoint
