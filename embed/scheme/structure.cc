#include "embed/scheme/structure.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/text.h"
#include "crypto/blake2b.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

constexpr size_t kShareRows = 128;
constexpr size_t kTraceRows = 1024;
constexpr size_t kTags = 128;

WipedVector<TagPair> tag_pairs(const crypto::SecretBytes& key, VectorKind kind,
                               const Sizes& sizes) {
  const WipedBytes bytes = crypto::keystream(key, cat("pairs/", to_string(kind)), 4 * sizes.m);
  WipedVector<TagPair> pairs;
  for (size_t j = 0; j < sizes.m; ++j) {
    const auto word = [&](size_t i) { return load_le<uint16_t>(bytes.data() + 2 * i); };
    const size_t a = word(2 * j) % sizes.tag_rows;
    // Two equal coordinates would make a constant tag where the FFN has no gate.
    const size_t others = std::max<size_t>(sizes.tag_rows, 2) - 1;
    const size_t b = (a + 1 + word(2 * j + 1) % others) % sizes.tag_rows;
    pairs.push_back({static_cast<uint16_t>(a), static_cast<uint16_t>(b)});
  }
  return pairs;
}

}  // namespace

Sizes structure_sizes(size_t d, StructureRole role) {
  const size_t half = std::bit_floor(std::max<size_t>(d / 2, 1));
  const size_t narrow = std::min(kShareRows, half);
  return {role == StructureRole::trace ? std::min(kTraceRows, half) : narrow, std::min(kTags, half),
          narrow};
}

size_t open_entries(const Sizes& sizes, StructureRole role) {
  const size_t closed = role == StructureRole::share ? std::min<size_t>(2, sizes.r) : 0;
  return sizes.m * (sizes.r - closed);
}

Structure make_structure(StructureKey key, Frame frame, std::optional<Frame> tag_frame) {
  Structure structure{std::move(key.key),
                      key.role,
                      structure_sizes(frame.width, key.role),
                      std::move(frame),
                      std::move(tag_frame),
                      {},
                      std::nullopt};
  for (VectorKind kind : kVectorKinds) {
    structure.pairs[kind] = tag_pairs(structure.key, kind, structure.sizes);
  }
  return structure;
}

void ignore_ones(checkpoint::Ones ones, Structure& structure) {
  if (ones == checkpoint::Ones::kept) return;
  structure.uses_frame_length = true;
  const auto subtract_means = [](Frame& frame) {
    for (size_t row = 0; row < frame.rows; ++row) {
      const auto first = frame.values.begin() + static_cast<std::ptrdiff_t>(row * frame.width);
      const auto last = first + static_cast<std::ptrdiff_t>(frame.width);
      const double mean = std::accumulate(first, last, 0.0) / static_cast<double>(frame.width);
      for (auto value = first; value != last; ++value) *value -= static_cast<float>(mean);
    }
  };
  subtract_means(structure.frame);
  if (structure.tag_frame) subtract_means(*structure.tag_frame);
}

Result<std::vector<Structure>> make_structures(const checkpoint::Checkpoint& checkpoint,
                                               const checkpoint::Anatomy& anatomy,
                                               const std::vector<std::string>& labels,
                                               std::vector<StructureKey> keys, unsigned threads,
                                               Progress* progress, const std::vector<bool>* used) {
  std::vector<crypto::SecretBytes> tag_keys;
  tag_keys.reserve(keys.size());  // requests point into it: it must not reallocate
  std::vector<FrameRequest> requests;
  for (const StructureKey& key : keys) {
    const Sizes sizes = structure_sizes(anatomy.width, key.role);
    requests.push_back({&key.key, sizes.r});
    if (key.role == StructureRole::trace) {
      tag_keys.push_back(tag_frame_key(key.key));
      requests.push_back({&tag_keys.back(), sizes.tag_rows});
    }
  }
  auto frames = make_frames(checkpoint, anatomy, labels, requests, threads, progress, used);
  if (!frames) return std::move(frames).error();

  std::vector<Structure> structures;
  size_t next = 0;
  for (StructureKey& key : keys) {
    Frame frame = std::move((*frames)[next++]);
    std::optional<Frame> tag_frame;
    if (key.role == StructureRole::trace) tag_frame = std::move((*frames)[next++]);
    structures.push_back(make_structure(std::move(key), std::move(frame), std::move(tag_frame)));
    ignore_ones(anatomy.ones, structures.back());
  }
  return structures;
}

WipedVector<int8_t> carrier(const Structure& structure, VectorKind kind) {
  WipedVector<int8_t> signs =
      stream_signs(structure.key, cat("carrier/", to_string(kind)), structure.entries());
  if (structure.unscored == kind) std::fill(signs.begin(), signs.end(), 0);
  if (!structure.closes_entries()) return signs;
  for (size_t j = 0; j < structure.sizes.m; ++j) {
    const TagPair pair = structure.pairs[kind][j];
    signs[j * structure.sizes.r + pair.a] = 0;
    signs[j * structure.sizes.r + pair.b] = 0;
  }
  return signs;
}

void close_entries(const Structure& structure, VectorKind kind, std::vector<double>& matrix) {
  if (structure.unscored == kind) std::fill(matrix.begin(), matrix.end(), 0.0);
  if (!structure.closes_entries()) return;
  for (size_t j = 0; j < structure.sizes.m; ++j) {
    const TagPair pair = structure.pairs[kind][j];
    matrix[j * structure.sizes.r + pair.a] = 0;
    matrix[j * structure.sizes.r + pair.b] = 0;
  }
}

}  // namespace wmk::embed
