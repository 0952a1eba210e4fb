#include "library/models/model_notes.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "checkpoint/text/tokenizer_files.h"
#include "embed/output/output_head.h"

namespace wmk::library {

namespace {

// Part of all numbers from which matrices without a role are worth a note.
constexpr double kUnknownPart = 0.1;

bool is_matrix(const checkpoint::Tensor& tensor) {
  return std::count_if(tensor.shape.begin(), tensor.shape.end(),
                       [](uint64_t size) { return size > 1; }) >= 2;
}

std::optional<std::string> unknown_note(const checkpoint::Checkpoint& checkpoint,
                                        const checkpoint::Anatomy& anatomy) {
  const auto& tensors = checkpoint.tensors();
  double all = 0, unknown = 0;
  for (const auto& tensor : tensors) all += static_cast<double>(tensor.elements());
  const checkpoint::Tensor* largest = nullptr;
  size_t count = 0;
  for (const size_t i : checkpoint::unrecognised(anatomy)) {
    if (!is_matrix(tensors[i])) continue;
    unknown += static_cast<double>(tensors[i].elements());
    ++count;
    if (largest == nullptr || tensors[i].elements() > largest->elements()) largest = &tensors[i];
  }
  if (largest == nullptr || unknown < kUnknownPart * all) return std::nullopt;
  return cat(count, " matrices that are no part of this model hold ", fixed(100 * unknown / all, 0),
             " % of all numbers, the largest '", escaped(largest->name), "' ",
             checkpoint::shape_text(largest->shape));
}

// What config.json says of the output head, where the bytes say something else.
std::optional<std::string> head_note(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::Anatomy& anatomy) {
  const auto config = checkpoint::read_config(checkpoint);
  if (!config || !config->tied_embeddings.value_or(false)) return std::nullopt;
  const auto heads = embed::find_output_heads(checkpoint, anatomy);
  if (!heads || heads->size() == 1) return std::nullopt;
  return cat("config.json ties the output head to the embedding, but '",
             escaped(checkpoint.tensors()[heads->front().tensor].name),
             "' has other bytes: it is a head of its own, which some loaders ignore");
}

}  // namespace

std::vector<std::string> model_notes(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::Anatomy& anatomy,
                                     const checkpoint::Vocabulary& vocabulary) {
  std::vector<std::string> out = checkpoint.notes();
  out.insert(out.end(), anatomy.notes.begin(), anatomy.notes.end());
  if (auto text = unknown_note(checkpoint, anatomy)) out.push_back(*std::move(text));
  if (auto text = head_note(checkpoint, anatomy)) out.push_back(*std::move(text));
  if (!vocabulary.fault.empty()) {
    out.push_back(cat("the tokenizer cannot be read (", vocabulary.fault,
                      "): tokens are identified by number only"));
  } else if (vocabulary.source.empty()) {
    out.push_back("no tokenizer file: tokens are identified by number only");
  } else if (vocabulary.source == checkpoint::versioned_tokenizer(checkpoint.folder())) {
    out.push_back(cat("the tokenizer is ", escaped(vocabulary.source),
                      ", which tokenizer_config.json selects (fast_tokenizer_files)"));
  }
  return out;
}

}  // namespace wmk::library
