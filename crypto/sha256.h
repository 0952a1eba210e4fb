// SHA-256 of short messages.
//
// Purpose: commitments that any tool can check. Whole files are hashed by sign/. Thread-safety:
// pure function.
#pragma once

#include <array>

#include "base/bytes.h"

namespace wmk::crypto {

using Sha256 = std::array<std::byte, 32>;
Sha256 sha256(ByteView data);

}  // namespace wmk::crypto
