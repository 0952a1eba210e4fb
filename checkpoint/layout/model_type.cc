#include "checkpoint/layout/model_type.h"

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

// Spellings differ in case and underscores only: "GPTNeoX" and "gpt_neox".
std::string plain_letters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '-') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

}  // namespace

std::string type_of(const Config& config, std::span<const NamingFamily* const> families,
                    std::vector<std::string>& notes) {
  if (!config.present || !config.model_type.empty()) return config.model_type;
  const std::string stem = config.architecture.substr(0, config.architecture.find("For"));
  for (const NamingFamily* family : families) {
    for (const std::string& type : family->model_types()) {
      if (stem.empty() || plain_letters(type) != plain_letters(stem)) continue;
      notes.push_back(cat("config.json has no model_type; read as '", type, "', because of '",
                          escaped(config.architecture), "' in architectures"));
      return type;
    }
  }
  notes.push_back("config.json has no model_type; the family is chosen by tensor names");
  return {};
}

}  // namespace wmk::checkpoint
