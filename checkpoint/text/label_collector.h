// Collects the labels of rows while a tokenizer is read.
//
// Lifetime: a value; finish() ends it. Thread-safety: one caller.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "checkpoint/text/tokenizer.h"

namespace wmk::checkpoint {

// A later token replaces an earlier one of the same id: added tokens are read last.
class LabelCollector {
 public:
  LabelCollector(uint64_t rows, LabelRule rule);

  uint64_t rows() const { return strings_.size(); }
  // The decoder that the file declares; ignored if the rule is another.
  void declare(TokenDecoder decoder);
  // A token by its spelling.
  void put(uint64_t id, std::string_view spelling);
  // A special token: its content is its label, unless the rule is another than the declared one.
  void put_special(uint64_t id, std::string_view content);
  // A token whose bytes the file holds, whatever the rule.
  void put_bytes(uint64_t id, std::string_view bytes);

  Vocabulary finish(std::string_view source) &&;

 private:
  LabelRule rule_;
  TokenDecoder decoder_;
  std::vector<std::string> strings_;
  std::vector<bool> is_named_;
  std::unordered_set<uint64_t> beyond_;
};

}  // namespace wmk::checkpoint
