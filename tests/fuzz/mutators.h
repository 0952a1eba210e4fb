// Changes of inputs that leave them readable.
//
// Purpose: libFuzzer inserts and removes bytes anywhere, and hardly any input would get further
// than a length word that is then wrong. Half of the changes keep it true. Thread-safety: none.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wmk::fuzz {

// As LLVMFuzzerCustomMutator, for a safetensors file.
size_t mutate_safetensors(uint8_t* data, size_t size, size_t size_max, unsigned seed);

// For a document, a NUL byte and a safetensors file: changes one of the two.
size_t mutate_pair(uint8_t* data, size_t size, size_t size_max, unsigned seed);

}  // namespace wmk::fuzz
