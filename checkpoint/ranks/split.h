// How tensor parallelism cuts the tensors of a model, by their names.
//
// Purpose: the names are those of Megatron Core and of vLLM. A matrix that is not listed is not
// joined: a guess could make a wrong model. Thread-safety: pure function.
#pragma once

#include <cstdint>
#include <string_view>

namespace wmk::checkpoint {

enum class Split : uint8_t {
  same,             // every rank has all of it
  outputs,          // rows, the first dimension
  gate_up,          // the same, but each rank has rows of the gate, then rows of up
  query_key_value,  // the same, but each rank has rows of q, then of k, then of v
  inputs,           // columns, the second dimension
  unknown,
};

// `dimensions` is the number of them: a vector that is not listed is the same on every rank.
Split split_of(std::string_view name, size_t dimensions);

}  // namespace wmk::checkpoint
