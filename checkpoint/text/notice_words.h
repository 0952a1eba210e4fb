// What a leftover line says: the party it names, and the sentences of a chat template that do.
//
// Thread-safety: pure functions; any bytes may come in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/text/notices.h"

namespace wmk::checkpoint {

// Who or what a notice names: the holder of a copyright, a base model, a class, a persona. Empty
// where the line names nobody (a licence, a version).
std::string named_party(NoticeKind kind, std::string_view text);

// Sentences of a chat template or system prompt that say who the model is or who made it ("You are
// Qwen, created by Alibaba Cloud"); `text` may be the value of a JSON string as it stands.
std::vector<std::string> persona_sentences(std::string_view text);

}  // namespace wmk::checkpoint
