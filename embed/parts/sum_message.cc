#include "embed/parts/sum_message.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "proto/detection_part.pb.h"

namespace wmk::embed {

namespace {

constexpr int kBandMax = 4096;  // beyond the logarithm of any float
constexpr int kBandsMax = 2 * kBandMax + 1;

// Bytes that every entry fits into.
unsigned width_of(const std::vector<int64_t>& entries) {
  uint64_t bits = 0;
  for (const int64_t entry : entries) {
    bits |= static_cast<uint64_t>(entry < 0 ? ~entry : entry);
  }
  unsigned width = 1;
  while (width < sizeof(int64_t) && bits >> (8 * width - 1) != 0) ++width;
  return width;
}

void put_sketch(const SketchSum& from, proto::SketchSum& to) {
  const unsigned width = width_of(from.entries);
  std::string bytes(from.entries.size() * width, '\0');
  for (size_t i = 0; i < from.entries.size(); ++i) {
    std::memcpy(&bytes[i * width], &from.entries[i], width);
  }
  to.set_width(width);
  to.set_entries(std::move(bytes));
  to.mutable_energies()->Add(from.energies.begin(), from.energies.end());
  to.mutable_counts()->Add(from.counts.begin(), from.counts.end());
}

std::vector<int64_t> entries_from(const std::string& bytes, unsigned width) {
  const unsigned unused = 8 * (sizeof(int64_t) - width);
  std::vector<int64_t> out(bytes.size() / width);
  for (size_t i = 0; i < out.size(); ++i) {
    uint64_t low = 0;
    std::memcpy(&low, &bytes[i * width], width);
    out[i] = static_cast<int64_t>(low << unused) >> unused;
  }
  return out;
}

template <class Numbers>
bool take_four(const Numbers& from, std::array<uint64_t, 4>& to) {
  if (from.size() != static_cast<int>(to.size())) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

Result<SketchSum> sketch_from(const proto::SketchSum& from) {
  SketchSum out;
  const unsigned width = from.width();
  if (width < 1 || width > sizeof(int64_t) || from.entries().size() % width != 0) {
    return malformed("its entries have no whole number of bytes");
  }
  if (!take_four(from.counts(), out.counts)) return malformed("it has not four counts");
  out.entries = entries_from(from.entries(), width);
  out.energies.assign(from.energies().begin(), from.energies().end());
  const auto is_large = [](int64_t sum) { return sum > kSumMax || sum < -kSumMax; };
  if (std::any_of(out.entries.begin(), out.entries.end(), is_large) ||
      std::any_of(out.energies.begin(), out.energies.end(), is_large)) {
    return malformed("it has a sum that is too large");
  }
  return out;
}

Status take_sketch(bool is_there, const proto::SketchSum& from, std::optional<SketchSum>& to) {
  if (!is_there) return {};
  auto sketch = sketch_from(from);
  if (!sketch) return std::move(sketch).error();
  to = *std::move(sketch);
  return {};
}

Status read_bands(const proto::ScanSum& from, ScanSum& to) {
  if (from.bands_size() > kBandsMax) return malformed("it has too many bands");
  for (const proto::BandSum& each : from.bands()) {
    if (each.band() > kBandMax || each.band() < -kBandMax) return malformed("a band is no band");
    if (!to.bands.empty() && each.band() <= to.bands.back().band) {
      return malformed("its bands are not in order");
    }
    to.bands.push_back({each.band(), each.count(), each.merged(), each.limited(), {}});
    Status status = take_sketch(each.has_sketches(), each.sketches(), to.bands.back().sketches);
    if (!status) return status;
  }
  return {};
}

}  // namespace

void put_sum(const ScanSum& from, proto::ScanSum& to) {
  to.set_blocks(from.blocks);
  if (from.plain) put_sketch(*from.plain, *to.mutable_plain());
  if (from.exchanged) put_sketch(*from.exchanged, *to.mutable_exchanged());
  for (const BandSum& band : from.bands) {
    proto::BandSum& out = *to.add_bands();
    out.set_band(band.band);
    out.set_count(band.count);
    out.set_merged(band.merged);
    out.set_limited(band.limited);
    if (band.sketches) put_sketch(*band.sketches, *out.mutable_sketches());
  }
  to.mutable_facts()->Add(from.facts.begin(), from.facts.end());
}

Result<ScanSum> sum_from(const proto::ScanSum& from) {
  ScanSum out;
  out.blocks = from.blocks();
  Status status = take_sketch(from.has_plain(), from.plain(), out.plain);
  if (status) status = take_sketch(from.has_exchanged(), from.exchanged(), out.exchanged);
  if (status) status = read_bands(from, out);
  if (status && !take_four(from.facts(), out.facts)) status = malformed("it has not four facts");
  if (!status) return std::move(status).error();
  return out;
}

}  // namespace wmk::embed
