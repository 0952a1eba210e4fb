// What a scan adds up, as plain numbers: how sums travel from one machine to another
// (specs/parts.md).
//
// Purpose: sketches are exact integers, so the sums of any split of the blocks add up to the same
// bits. Lifetime: values. Thread-safety: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace wmk::embed {

// The sketches of all structures of a scan, one after the other, and what was read for them.
struct SketchSum {
  std::vector<int64_t> entries;
  std::vector<int64_t> energies;
  // Neurons: weights, bytes, skipped, not finite. Heads: weights, bytes, heads, absent.
  std::array<uint64_t, 4> counts{};
};

// A band of strength (embed/read/band.h).
struct BandSum {
  int band = 0;
  uint64_t count = 0, merged = 0;
  bool limited = false;
  std::optional<SketchSum> sketches = {};  // none: some process only counted it
};

// What one process found in its blocks: of a plain scan `plain`, of a careful one `bands`.
struct ScanSum {
  uint64_t blocks = 0;  // that it read: blocks of neurons, FFNs, or layers with heads
  std::optional<SketchSum> plain = {};      // none where no block was read
  std::optional<SketchSum> exchanged = {};  // with gate and up exchanged
  std::vector<BandSum> bands = {};
  // Of a careful scan. Neurons: units, skipped, not finite, bytes. Heads: heads, absent, merged
  // heads, bytes.
  std::array<uint64_t, 4> facts{};
};

// Adds without an overflow: `to` stays below kSumMax, so that two bands of a window add up, too.
// False: other sizes, or too large; `to` is void then.
inline constexpr int64_t kSumMax = int64_t{1} << 61;
bool add_sums(std::span<const int64_t> from, std::span<int64_t> to);
bool add_sums(const ScanSum& from, ScanSum& to);

}  // namespace wmk::embed
