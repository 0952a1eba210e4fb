// Mutations that keep inputs readable.
//
// Purpose: libFuzzer inserts and removes bytes anywhere, after which the length word of a header is
// wrong and nothing else is tested. Half of these mutations correct it. Thread-safety: none.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wmk::fuzz {

// As LLVMFuzzerCustomMutator, for a safetensors file.
size_t mutate_safetensors(uint8_t* data, size_t size, size_t size_max, unsigned seed);

// For a document, a NUL byte and a safetensors file: changes one of the two.
size_t mutate_pair(uint8_t* data, size_t size, size_t size_max, unsigned seed);

}  // namespace wmk::fuzz
