// Tokens that tokenizer_config.json adds to a tokenizer file.
//
// Purpose: tiktoken and SentencePiece files lack the special tokens that were added later; in a
// Hugging Face folder `added_tokens_decoder` has them. Thread-safety: pure function; reads a file.
#pragma once

#include <filesystem>

#include "checkpoint/text/label_collector.h"

namespace wmk::checkpoint {

// Names rows that have no token yet. A file that is missing or damaged names none.
void name_added_tokens(const std::filesystem::path& folder, LabelCollector& labels);

}  // namespace wmk::checkpoint
