// Names of tensors without wrappers and numbers (specs/naming.md 2).
//
// Purpose: a tensor has the same pattern whatever modules the model was wrapped in when it was
// saved. Thread-safety: pure functions.
#include <array>
#include <charconv>

#include "checkpoint/naming/naming.h"

namespace wmk::checkpoint {

namespace {

// Removed from the front, repeatedly. Vision and audio towers keep their prefix, which
// distinguishes them from the text model.
constexpr std::array kWrappers = std::to_array<std::string_view>({
    "module.",
    "_orig_mod.",
    "base_model.model.",
    "language_model.",
    "text_model.",
    "thinker.",
    "llm.",
    "model.decoder.",
    "model.",
    "gpt_neox.",
    "transformer.",
    "backbone.",
    "decoder.",
    "bert.",
    "biogpt.",
    "cpmant.",
    "data2vec_text.",
    "electra.",
    "ernie.",
    "git.",
    "gpt_neox_japanese.",
    "paligemma_with_expert.paligemma.",
    "prophetnet.",
    "reformer.",
    "roberta.",
    "roberta_prelayernorm.",
    "roc_bert.",
    "roformer.",
    "rwkv.",
    "text_decoder.",
});

std::string_view without_wrappers(std::string_view name) {
  for (bool stripped = true; stripped;) {
    stripped = false;
    for (std::string_view wrapper : kWrappers) {
      if (name.size() > wrapper.size() && name.starts_with(wrapper)) {
        name.remove_prefix(wrapper.size());
        stripped = true;
      }
    }
  }
  return name;
}

bool strip_suffix(std::string_view& name, std::string_view suffix) {
  if (name.size() <= suffix.size() || !name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return true;
}

// "07" is not a number: otherwise two names could mean the same layer.
std::optional<uint64_t> whole_number(std::string_view segment) {
  if (segment.empty() || segment.size() > 18) return std::nullopt;
  if (segment[0] == '0' && segment.size() > 1) return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(segment.data(), segment.data() + segment.size(), value);
  if (error != std::errc() || end != segment.data() + segment.size()) return std::nullopt;
  return value;
}

// A '#' in a tensor's name is doubled: no rule has "##", so a name cannot imitate a pattern.
void append_word(std::string& pattern, std::string_view segment) {
  for (char c : segment) {
    pattern.push_back(c);
    if (c == '#') pattern.push_back('#');
  }
}

}  // namespace

CanonicalName canonical_name(std::string_view tensor_name, const Spelling& spelling) {
  std::string name(tensor_name);
  for (char& c : name) {
    if (spelling.separators.find(c) != std::string::npos) c = '.';
  }
  std::string_view rest = name;
  for (const std::string& prefix : spelling.prefixes) {
    if (rest.size() <= prefix.size() || !rest.starts_with(prefix)) continue;
    rest.remove_prefix(prefix.size());
    break;
  }
  return canonical_name(rest);
}

size_t wrapper_length(std::string_view tensor_name) {
  return tensor_name.size() - without_wrappers(tensor_name).size();
}

CanonicalName canonical_name(std::string_view tensor_name) {
  CanonicalName out;
  std::string_view rest = without_wrappers(tensor_name);
  out.is_bias = strip_suffix(rest, ".bias");
  if (!out.is_bias) strip_suffix(rest, ".weight");
  out.pattern.reserve(rest.size());
  while (true) {
    const size_t dot = rest.find('.');
    const std::string_view segment = rest.substr(0, dot);
    if (const auto number = whole_number(segment)) {
      out.pattern.push_back('#');
      out.numbers.push_back(*number);
    } else {
      append_word(out.pattern, segment);
    }
    if (dot == std::string_view::npos) return out;
    out.pattern.push_back('.');
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace wmk::checkpoint
