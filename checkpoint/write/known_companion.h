// Which files beside the weights are known by their name.
//
// Thread-safety: pure function.
#pragma once

#include <string_view>

namespace wmk::checkpoint {

// Whether a file of this name (without folder) is a known companion: config, tokenizer, chat
// template, licence, model card, text, code, picture, index. Case is ignored.
bool is_known_companion(std::string_view name);

}  // namespace wmk::checkpoint
