#include "checkpoint/labels.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "checkpoint/text/tokenizer_files.h"

namespace wmk::checkpoint {
namespace {

std::string_view to_string(LabelRule rule) {
  switch (rule) {
    case LabelRule::byte_level:
      return "byte-level";
    case LabelRule::metaspace:
      return "metaspace";
    default:
      return "spelled";
  }
}

// Keeps variants whose labels are new.
class VariantList {
 public:
  VariantList(const Checkpoint& checkpoint, uint64_t rows) : checkpoint_(checkpoint), rows_(rows) {}

  // Whether the variant names tokens.
  bool add(LabelVariant variant) {
    auto vocabulary = read_vocabulary(checkpoint_, rows_, variant);
    const bool is_declared = variants_.empty();
    const bool has_names = vocabulary && vocabulary->named > 0;
    if (is_declared || (has_names && is_new(vocabulary->strings))) {
      variants_.push_back(std::move(variant));
      if (has_names) labels_.push_back(std::move(vocabulary->strings));
    }
    return has_names;
  }
  std::vector<LabelVariant> finish() && { return std::move(variants_); }

 private:
  bool is_new(const std::vector<std::string>& labels) const {
    return std::find(labels_.begin(), labels_.end(), labels) == labels_.end();
  }

  const Checkpoint& checkpoint_;
  const uint64_t rows_;
  std::vector<LabelVariant> variants_;
  std::vector<std::vector<std::string>> labels_;
};

}  // namespace

std::vector<LabelVariant> label_variants(const Checkpoint& checkpoint, uint64_t rows) {
  VariantList list(checkpoint, rows);
  bool has_first = list.add({});
  LabelVariant first;
  const auto files = tokenizer_files(checkpoint.folder());
  const bool is_first_read = !checkpoint.own_tokens() && !missing_tokenizer(checkpoint.folder());
  for (size_t i = is_first_read ? 1 : 0; i < files.size(); ++i) {
    LabelVariant variant{files[i], LabelRule::declared, cat("tokens of ", escaped(files[i]))};
    const bool is_readable = list.add(variant);
    if (is_readable && !has_first) first = variant;
    has_first = has_first || is_readable;
  }
  if (!has_first) return std::move(list).finish();
  for (const LabelRule rule : kOtherLabelRules) {
    const std::string of_file = first.file.empty() ? "tokens" : first.words;
    list.add({first.file, rule, cat(of_file, " as ", to_string(rule))});
  }
  return std::move(list).finish();
}

Result<Vocabulary> read_vocabulary(const Checkpoint& checkpoint, uint64_t rows,
                                   const LabelVariant& variant) {
  if (variant.file.empty() && variant.rule == LabelRule::declared) {
    return read_vocabulary_or_fault(checkpoint, rows);
  }
  if (variant.file.empty() && checkpoint.own_tokens()) {
    return label_rows(*checkpoint.own_tokens(), rows, checkpoint.format(), variant.rule);
  }
  std::string file = variant.file;
  if (file.empty()) {
    const auto files = tokenizer_files(checkpoint.folder());
    if (files.empty()) return label_rows({}, rows, "");
    file = files.front();
  }
  return read_tokenizer_file(checkpoint.folder(), file, rows, {variant.rule, true});
}

}  // namespace wmk::checkpoint
