// Which files of a folder may hold its tokenizer (specs/checkpoint.md 8).
//
// Thread-safety: pure functions; they read the file system.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::checkpoint {

inline constexpr std::string_view kTokenizerConfigName = "tokenizer_config.json";
inline constexpr size_t kTokenizerFilesMax = 16;

// The file that tokenizer_config.json selects by `fast_tokenizer_files`, as transformers 5.24
// would, if it is in the folder and is not tokenizer.json.
std::optional<std::string> versioned_tokenizer(const std::filesystem::path& folder);

// The name that is selected so, if no file of the folder has it: the model's own strings are then
// unknown.
std::optional<std::string> missing_tokenizer(const std::filesystem::path& folder);

// Which files of its folder tokenizer_config.json lists there by version, whether they exist or
// not: bare names that are not hidden, the selected one first. At most kTokenizerFilesMax.
std::vector<std::string> listed_tokenizers(const std::filesystem::path& folder);

// Names of files that exist: the versioned one, tokenizer.json, vocab.json, tokenizer.model,
// tekken.json, then others by their names (*tekken*.json, *.tiktoken, *.model, *.model.v*,
// tokenizer*.json), sorted. At most kTokenizerFilesMax.
std::vector<std::string> tokenizer_files(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
