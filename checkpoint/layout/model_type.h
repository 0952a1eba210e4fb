// The model_type of a checkpoint whose config.json does not give one.
//
// Thread-safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checkpoint/naming/naming.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// model_type, else the type of one of `families` that the class in `architectures` belongs to
// ("Gemma2ForCausalLM": gemma2), else empty. `notes` says so where model_type is missing.
std::string type_of(const Config& config, std::span<const NamingFamily* const> families,
                    std::vector<std::string>& notes);

}  // namespace wmk::checkpoint
