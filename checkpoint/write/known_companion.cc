#include "checkpoint/write/known_companion.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace wmk::checkpoint {
namespace {

constexpr auto kKnownStems = std::to_array<std::string_view>(
    {"config", "generation_config", "tokenizer", "vocab", "merges", "special_tokens_map",
     "added_tokens", "chat_template", "preprocessor_config", "processor_config",
     "image_processor_config", "video_preprocessor_config", "feature_extractor_config",
     "model_index"});
constexpr auto kKnownStemEndings = std::to_array<std::string_view>({".json", ".txt", ".jinja"});
constexpr auto kLegalStems =
    std::to_array<std::string_view>({"license", "licence", "notice", "copying", "readme"});
constexpr auto kKnownEndings = std::to_array<std::string_view>(
    {".md", ".txt", ".py", ".png", ".jpg", ".jpeg", ".svg", ".webp", ".model", ".tiktoken",
     "tekken.json", ".safetensors.index.json"});

}  // namespace

bool is_known_companion(std::string_view name) {
  const std::string lower = lower_case(name);
  const auto starts = [&](std::string_view stem) { return lower.starts_with(stem); };
  const auto ends = [&](std::string_view ending) { return lower.ends_with(ending); };
  if (std::any_of(kKnownEndings.begin(), kKnownEndings.end(), ends)) return true;
  if (std::any_of(kLegalStems.begin(), kLegalStems.end(), starts)) return true;
  return std::any_of(kKnownStems.begin(), kKnownStems.end(), starts) &&
         std::any_of(kKnownStemEndings.begin(), kKnownStemEndings.end(), ends);
}

}  // namespace wmk::checkpoint
