// Structures: what one share, or the trace, needs to read coordinates and tags (specs/mark.md 2-5).
//
// Purpose: a structure is a key's frame, its tag pairs and the entries that are closed. Carriers
// are made when they are needed. Lifetime: owns all. Thread-safety: immutable after making.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "embed/scheme/frame.h"
#include "embed/sites/ffn.h"

namespace wmk::embed {

enum class Width { share, trace };

struct Sizes {
  size_t r;         // rows of the frame
  size_t m;         // tags
  size_t tag_rows;  // rows of the frame that tags are read from
};
// For residual width d; the trace is wide in r so that colluders cannot cut all of it out.
Sizes structure_sizes(size_t d, Width width);

struct Pair {
  uint16_t a, b;
};

struct Structure {
  crypto::SecretBytes key;
  Width width = Width::share;
  Sizes sizes{};
  Frame frame;
  std::optional<Frame> tag_frame;  // trace only; a share reads tags in its own frame
  PerKind<std::vector<Pair>> pairs;

  // Entries (tag, coordinate) where no carrier may stand: a share's own tag coordinates.
  bool closes_entries() const { return width == Width::share; }
  size_t entries() const { return sizes.m * sizes.r; }
};

// What is wanted: a share's or the trace's key.
struct StructureKey {
  crypto::SecretBytes key;
  Width width;
};

// Builds structures on the model's own embedding under `labels`, in one pass over it.
Result<std::vector<Structure>> make_structures(const checkpoint::Checkpoint& checkpoint,
                                               const checkpoint::Anatomy& anatomy,
                                               const std::vector<std::string>& labels,
                                               std::vector<StructureKey> keys, unsigned threads,
                                               Progress* progress);
// Builds one on frames that are given (a record's).
Structure make_structure(StructureKey key, Frame frame, std::optional<Frame> tag_frame);

// Carrier signs of one kind, m x r: +1, -1, and 0 where closed.
std::vector<int8_t> carrier(const Structure& structure, Kind kind);
// Sets closed entries of an m x r matrix to zero.
void close_entries(const Structure& structure, Kind kind, std::vector<double>& matrix);

}  // namespace wmk::embed
