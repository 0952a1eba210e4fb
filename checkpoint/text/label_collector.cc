#include "checkpoint/text/label_collector.h"

#include <utility>

namespace wmk::checkpoint {

LabelCollector::LabelCollector(uint64_t rows, LabelRule rule)
    : rule_(rule), strings_(rows), is_named_(rows, false) {
  if (rule != LabelRule::declared) decoder_ = TokenDecoder::by(rule);
}

void LabelCollector::declare(TokenDecoder decoder) {
  if (rule_ == LabelRule::declared) decoder_ = std::move(decoder);
}

void LabelCollector::put(uint64_t id, std::string_view spelling) {
  put_bytes(id, decoder_.bytes_of(spelling));
}

void LabelCollector::put_special(uint64_t id, std::string_view content) {
  if (rule_ == LabelRule::declared) {
    put_bytes(id, content);
  } else {
    put(id, content);
  }
}

void LabelCollector::put_bytes(uint64_t id, std::string_view bytes) {
  if (id >= strings_.size()) {
    beyond_.insert(id);
    return;
  }
  strings_[id] = bytes;
  is_named_[id] = true;
}

Vocabulary LabelCollector::finish(std::string_view source) && {
  Vocabulary vocabulary;
  vocabulary.source = source;
  for (uint64_t row = 0; row < strings_.size(); ++row) {
    if (is_named_[row]) {
      ++vocabulary.named;
    } else {
      strings_[row] = id_label(row);
    }
  }
  vocabulary.beyond = beyond_.size();
  vocabulary.strings = std::move(strings_);
  return vocabulary;
}

}  // namespace wmk::checkpoint
