// What a notice says: the party it names, and sentences about the model in a chat template.
//
// Thread-safety: pure functions; input may be any bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/text/notices.h"

namespace wmk::checkpoint {

// Who or what a notice names: the holder of a copyright, a base model, a class, a persona. Empty
// if it names nobody (a licence, a version).
std::string named_party(NoticeKind kind, std::string_view text);

// Sentences of a chat template or system prompt that say who the model is or who made it ("You are
// Qwen, created by Alibaba Cloud"); `text` may be a JSON string with its escapes.
std::vector<std::string> persona_sentences(std::string_view text);

}  // namespace wmk::checkpoint
