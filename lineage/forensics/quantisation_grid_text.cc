// Counts of blocks on quantisation grids: sums, and a sentence on each kind of matrix.
#include <algorithm>

#include "base/text.h"
#include "lineage/forensics/quantisation_grid_shares.h"

namespace wmk::lineage {

namespace {

constexpr double kGridShareMin = 0.5;
constexpr double kRoundedMin = 0.9;
constexpr int kBitsMax = 8;
// A block that joins several groups lies on a fine grid, where scales have few digits themselves. A
// part of a group may need a bit or two less than the whole.
constexpr int kMoreBits = 2;

double part(uint64_t count, uint64_t of) {
  return of > 0 ? static_cast<double>(count) / static_cast<double>(of) : 0;
}

std::string percent_of(uint64_t count, uint64_t of) {
  return cat(fixed(100 * part(count, of), 0), " %");
}

std::string grid_text(std::string_view name, const GridCount& count, size_t block) {
  return cat(name, ": ", count.bits(), " bits in ",
             block == 0 ? std::string("rows") : cat("blocks of ", block), ", ",
             percent_of(count.suspect_on, count.blocks), " of them (reference ",
             percent_of(count.reference_on, count.suspect_on), "), ",
             percent_of(count.nearest, count.values), " of values at the level nearest to the ",
             "reference's (", percent_of(count.nearest_shifted, count.values), " by chance)");
}

// The suspect's values are the levels nearest to the reference's, which is on no grid itself.
std::string rounding_of(const GridCount& all) {
  const bool on_grid = part(all.suspect_on, all.blocks) > kRoundedMin;
  const bool is_nearest = part(all.nearest, all.values) > kRoundedMin;
  if (!on_grid || !is_nearest || part(all.reference_on, all.suspect_on) > 1 - kRoundedMin)
    return {};
  return "the suspect's values are the reference's rounded to a grid: quantised";
}

}  // namespace

void GridCount::add(const GridCount& other) {
  blocks += other.blocks;
  suspect_on += other.suspect_on;
  reference_on += other.reference_on;
  values += other.values;
  nearest += other.nearest;
  nearest_shifted += other.nearest_shifted;
  for (size_t i = 0; i < by_bits.size(); ++i) by_bits[i] += other.by_bits[i];
}

int GridCount::bits() const {
  uint64_t sum = 0;
  for (size_t i = 0; i < by_bits.size(); ++i) {
    sum += by_bits[i];
    if (10 * sum >= 9 * suspect_on) return static_cast<int>(i);
  }
  return 0;
}

std::optional<size_t> best_block(const GridCounts& counts) {
  double most = 0;
  for (const GridCount& count : counts) most = std::max(most, part(count.suspect_on, count.blocks));
  if (most < kGridShareMin) return std::nullopt;
  const auto lies_often = [&](const GridCount& count) {
    return part(count.suspect_on, count.blocks) > 0.9 * most;
  };
  int fewest = kBitsMax;
  for (const GridCount& count : counts) {
    if (lies_often(count)) fewest = std::min(fewest, count.bits());
  }
  for (size_t i = 0; i < counts.size(); ++i) {
    if (lies_often(counts[i]) && counts[i].bits() <= fewest + kMoreBits) return i;
  }
  return std::nullopt;
}

TestResult grid_result(const GridsByName& by_name, TestResult out) {
  GridCount all;
  out.note.clear();
  std::string none;
  for (const auto& [name, counts] : by_name) {
    if (const auto best = best_block(counts)) {
      all.add(counts[*best]);
      out.note +=
          cat(out.note.empty() ? "" : "; ", grid_text(name, counts[*best], kGridBlocks[*best]));
    } else {
      all.blocks += counts.back().blocks;
      none += cat(none.empty() ? "" : ", ", name);
    }
  }
  if (!none.empty()) out.note += cat(out.note.empty() ? "" : "; ", "no grid: ", none);
  out.value = out.effect = part(all.suspect_on, all.blocks);
  out.outcome = Outcome::soft;
  out.direction = rounding_of(all);
  return out;
}

}  // namespace wmk::lineage
