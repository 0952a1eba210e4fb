// A reading: one way to understand the bytes of a checkpoint (specs/readings.md).
//
// Purpose: names, config, tokenizer and layout of a suspect were written by its owner and may be
// wrong. A reading is a value that says which tensors play which role, with which norm weights,
// layers and labels; what is computed from it knows nothing of where it came from. Lifetime: shares
// ownership of its parts. Thread-safety: immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/layout/anatomy.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::checkpoint {

// What a reading may change, in the order of the list.
enum class Axis { roles, layout, norms, layers, heads, files, labels, numbers };

struct Change {
  Axis axis;
  std::string words;  // "gate and up exchanged"; distinct within an axis
  bool operator==(const Change&) const = default;
};

struct Reading {
  std::vector<Change> changes;  // empty: as the model declares itself
  std::shared_ptr<const Checkpoint> checkpoint;
  std::shared_ptr<const Anatomy> anatomy;
  std::shared_ptr<const Vocabulary> vocabulary;

  // "declared", or the words of all changes.
  std::string words() const;
};
std::string words_of(const std::vector<Change>& changes);
// The declared reading, of parts that the caller owns.
Reading borrowed_reading(const Checkpoint& checkpoint, const Anatomy& anatomy,
                         const Vocabulary& vocabulary);

// Whether both give the same units with the same norm weights: all that a scan depends on beside
// the labels. `exchanged`: after gate and up of one of them are exchanged.
bool are_units_equal(const Reading& a, const Reading& b, bool exchanged = false);
// The same for heads.
bool are_heads_equal(const Reading& a, const Reading& b);
// Whether the embeddings and the labels of their rows are equal.
bool are_labels_equal(const Reading& a, const Reading& b);
bool are_equal(const Reading& a, const Reading& b);
// Equal readings have equal hashes; `labels` is that of the reading's vocabulary.
uint64_t hash_of(const Vocabulary& vocabulary);
uint64_t hash_of(const Reading& reading, uint64_t labels);

}  // namespace wmk::checkpoint
