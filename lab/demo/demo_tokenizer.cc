// A byte-level BPE vocabulary of synthetic words: every token is a merge of two earlier ones.
#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "lab/demo/demo_model.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

constexpr uint64_t kSpecial = 3;
constexpr const char* kSpecialTokens[kSpecial] = {"<|start|>", "<|end|>", "<|pad|>"};
constexpr std::string_view kSpace = "\xC4\xA0";  // the space of byte-level tokenizers

// Printable bytes map to themselves, the others to code points from 256.
std::vector<std::string> byte_alphabet() {
  std::vector<std::string> alphabet;
  uint32_t next = 256;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const bool prints = (byte > 32 && byte < 127) || (byte > 160 && byte != 173);
    char letter[4];
    alphabet.emplace_back(letter, encode_utf8(prints ? byte : next++, letter));
  }
  return alphabet;
}

struct BpeVocabulary {
  std::vector<std::string> tokens;
  std::vector<std::pair<std::string, std::string>> merges;
};

// Merges start from lower-case letters. Spaces occur only at the beginning of a token.
BpeVocabulary make_words(std::vector<std::string> tokens, uint64_t size, uint64_t seed) {
  constexpr size_t kLongest = 14;
  BpeVocabulary words{std::move(tokens), {}};
  std::unordered_set<std::string> known(words.tokens.begin(), words.tokens.end());
  std::vector<std::string> starts{std::string(kSpace)}, inner;
  for (char letter = 'a'; letter <= 'z'; ++letter) inner.emplace_back(1, letter);
  starts.insert(starts.end(), inner.begin(), inner.end());
  Random random(seed, "demo/tokenizer");
  while (words.tokens.size() < size) {
    const std::string& left = starts[random.below(starts.size())];
    const std::string& right = inner[random.below(inner.size())];
    const std::string word = left + right;
    if (word.size() > kLongest || !known.insert(word).second) continue;
    words.merges.emplace_back(left, right);
    words.tokens.push_back(word);
    starts.push_back(word);
    if (!word.starts_with(kSpace)) inner.push_back(word);
  }
  return words;
}

void write_added_tokens(json::Writer& writer) {
  writer.key("added_tokens").begin_array();
  for (uint64_t id = 0; id < kSpecial; ++id) {
    writer.begin_object().member("id", id).member("content", kSpecialTokens[id]);
    for (const char* flag : {"single_word", "lstrip", "rstrip", "normalized"}) {
      writer.member(flag, false);
    }
    writer.member("special", true).end_object();
  }
  writer.end_array();
}

}  // namespace

std::string demo_tokenizer(uint64_t size, uint64_t seed) {
  std::vector<std::string> tokens(kSpecialTokens, kSpecialTokens + kSpecial);
  for (std::string& letter : byte_alphabet()) tokens.push_back(std::move(letter));
  if (tokens.size() > size) tokens.resize(size);
  const BpeVocabulary words = make_words(std::move(tokens), size, seed);
  json::Writer writer;
  writer.begin_object().member("version", "1.0");
  write_added_tokens(writer);
  writer.key("pre_tokenizer").begin_object().member("type", "ByteLevel");
  writer.member("add_prefix_space", false).end_object();
  writer.key("decoder").begin_object().member("type", "ByteLevel").end_object();
  writer.key("model").begin_object().member("type", "BPE");
  writer.key("vocab").begin_object();
  for (uint64_t id = 0; id < words.tokens.size(); ++id) writer.member(words.tokens[id], id);
  writer.end_object().key("merges").begin_array();
  for (const auto& [left, right] : words.merges) writer.value(cat(left, " ", right));
  writer.end_array().end_object().end_object();
  return writer.finish();
}

}  // namespace wmk::lab
