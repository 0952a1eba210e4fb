// Reads a pickle as data: the part of the pickle language that state dicts are written in.
//
// Purpose: a stack machine over inert values. It knows the opcodes that torch.save writes in
// protocols 2 to 5; it imports and calls nothing. Errors: a name that is not in pickle_symbol.h, an
// opcode that is not in specs/torch.md, a limit. Not recursive. Thread-safety: pure function.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kPickleBytesMax = 256ull << 20;
inline constexpr size_t kPickleValuesMax = 16'000'000;
inline constexpr size_t kPickleStackMax = 1'000'000;
inline constexpr size_t kPickleMarksMax = 1'000;
inline constexpr uint32_t kPickleMemoMax = 16'000'000;
inline constexpr uint64_t kPickleTextBytesMax = 1 << 20;

Result<PickleValues> unpickle(Bytes pickle, PickleNames names = PickleNames::state_dict);

}  // namespace wmk::checkpoint
