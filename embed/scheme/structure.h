// Structures: what one share, or the trace, needs to read coordinates and tags (specs/mark.md 2-5).
//
// Purpose: a structure is a key with its frame, its tag pairs and its closed entries. Carriers are
// computed on demand. Lifetime: owns everything. Thread-safety: immutable once made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/memory/wiped.h"
#include "crypto/secret.h"
#include "embed/scheme/frame.h"
#include "embed/sites/ffn.h"

namespace wmk::embed {

// A share of the ownership mark, or the trace, which carries a licensee's mark.
enum class StructureRole { share, trace };

struct Sizes {
  size_t r;         // rows of the frame
  size_t m;         // tags
  size_t tag_rows;  // rows of the frame that tags are read from
};
// For residual width d. The trace has a larger r, so that colluding licensees cannot remove all of
// it.
Sizes structure_sizes(size_t d, StructureRole role);

// Entries of one kind's carrier that are not closed.
size_t open_entries(const Sizes& sizes, StructureRole role);

// The two coordinates that one tag is read from.
struct TagPair {
  uint16_t a, b;
};

struct Structure {
  crypto::SecretBytes key;
  StructureRole role = StructureRole::share;
  Sizes sizes{};
  Frame frame;
  std::optional<Frame> tag_frame;  // trace only; a share reads tags in its own frame
  PerKind<WipedVector<TagPair>> pairs;
  // A kind whose entries are all closed: the frame was fitted to its vectors.
  std::optional<VectorKind> unscored = std::nullopt;
  // The frame spans less than the suspect's readers do: their coordinates are divided by their own
  // length in the frame, not by the length of the whole row.
  bool uses_frame_length = false;

  // A share closes the entries (tag, coordinate) of its own tag coordinates: no carrier there.
  bool closes_entries() const { return role == StructureRole::share; }
  size_t entries() const { return sizes.m * sizes.r; }
};

// The key of a structure that is to be made.
struct StructureKey {
  crypto::SecretBytes key;
  StructureRole role;
};

// Builds structures on the model's own token embedding, in one pass over it. `labels`: one for each
// row of the embedding; `used`: as for make_frames().
Result<std::vector<Structure>> make_structures(const checkpoint::Checkpoint& checkpoint,
                                               const checkpoint::Anatomy& anatomy,
                                               const std::vector<std::string>& labels,
                                               std::vector<StructureKey> keys, unsigned threads,
                                               Progress* progress,
                                               const std::vector<bool>* used = nullptr);
// Builds one on given frames, such as those of a record.
Structure make_structure(StructureKey key, Frame frame, std::optional<Frame> tag_frame);

// Takes the component along the ones vector out of the frames, unless `ones` are kept.
void ignore_ones(checkpoint::Ones ones, Structure& structure);

// Carrier signs for one kind of vector, m x r: +1, -1, and 0 where closed.
WipedVector<int8_t> carrier(const Structure& structure, VectorKind kind);
// Sets closed entries of an m x r matrix to zero: all of them for the unscored kind.
void close_entries(const Structure& structure, VectorKind kind, std::vector<double>& matrix);

}  // namespace wmk::embed
