// tokenizer.model: the tokens of a SentencePiece model.
//
// Purpose: of the whole protobuf message only field 1, the pieces, and of a piece only field 1, its
// string; the rest is stepped over, field by field. Strict where readers could differ: a piece with
// two strings, or none, is malformed. No recursion. Thread-safety: pure function.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace wmk::checkpoint {

// Calls use(id, piece) for each piece in order. Views are into `model`.
Status read_sentencepiece(ByteView model,
                          const std::function<void(uint64_t, std::string_view)>& use);

}  // namespace wmk::checkpoint
