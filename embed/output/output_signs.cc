#include "embed/output/output_signs.h"

#include <array>
#include <cmath>
#include <unordered_map>

#include "base/parallel.h"
#include "base/text.h"
#include "checkpoint/text/tokenizer.h"
#include "crypto/blake2b.h"
#include "crypto/keyed_hashes.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

constexpr double kEnergy = 0.01;
constexpr double kWithoutOutliers = 1.15;  // makes up for the columns that directions leave out
constexpr double kExpectedAim = 20;
constexpr size_t kRowsAtOnce = 4096;

// Calls use(row, hash) with the hash of prefix || label for each label, on several threads.
template <class Use>
void for_each_hash(const crypto::SecretBytes& key, std::string_view prefix, size_t bytes,
                   const std::vector<std::string>& labels, unsigned threads, const Use& use) {
  const crypto::KeyedHashes hasher(key, prefix, bytes);
  const size_t parts = (labels.size() + kRowsAtOnce - 1) / kRowsAtOnce;
  (void)parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const size_t first = part * kRowsAtOnce;
    const size_t count = std::min(labels.size() - first, kRowsAtOnce);
    WipedBytes hashes(count * bytes);
    hasher.hash(std::span(labels).subspan(first, count), hashes);
    for (size_t i = 0; i < count; ++i) use(first + i, &hashes[i * bytes]);
    return {};
  });
}

}  // namespace

OutputSigns output_signs(const crypto::SecretBytes& key, const std::vector<std::string>& labels,
                         unsigned threads) {
  OutputSigns out;
  out.carriers.resize(labels.size());
  out.partners.resize(labels.size());
  const auto use = [&](size_t row, const std::byte* hash) {
    out.carriers[row] = load_le<uint64_t>(hash);
    out.partners[row] = load_le<uint64_t>(hash + 8);
  };
  for_each_hash(key, "output/", 16, labels, threads, use);
  return out;
}

WipedVector<int8_t> output_directions(const crypto::SecretBytes& key, size_t pairs, size_t width) {
  return stream_signs(key, "output/directions", pairs * width);
}

LabelGroups label_groups(const std::vector<std::string>& labels) {
  constexpr uint32_t kOne = UINT32_MAX;
  struct Seen {
    uint32_t first_row = 0, group = kOne;
  };
  LabelGroups out;
  out.place.assign(labels.size(), LabelGroups::kAlone);
  std::unordered_map<std::string_view, Seen> seen;
  seen.reserve(labels.size());
  const auto put = [&](uint32_t row, uint32_t group) {
    out.place[row] = static_cast<uint32_t>(out.group.size());
    out.group.push_back(group);
  };
  for (uint32_t row = 0; row < labels.size(); ++row) {
    const auto [at, fresh] = seen.try_emplace(labels[row], Seen{row});
    if (fresh) continue;
    if (at->second.group == kOne) {
      at->second.group = static_cast<uint32_t>(out.groups++);
      put(at->second.first_row, at->second.group);
    }
    put(row, at->second.group);
  }
  return out;
}

std::vector<std::string> head_labels(std::vector<std::string> labels, uint64_t rows) {
  const uint64_t named = labels.size();
  labels.resize(rows);
  for (uint64_t row = named; row < rows; ++row) labels[row] = checkpoint::id_label(row);
  return labels;
}

double output_energy(unsigned shares) { return kWithoutOutliers * kEnergy / std::sqrt(shares); }

double output_expected_z(uint64_t rows, uint64_t width, size_t pairs, unsigned shares) {
  const double x = static_cast<double>(rows) * kEnergy / std::sqrt(shares) / 2;
  return std::sqrt(static_cast<double>(pairs * shares)) * x /
         std::sqrt(static_cast<double>(width) + x);
}

size_t output_pairs(uint64_t rows, uint64_t width, unsigned shares) {
  for (const size_t pairs : kOutputPairCounts) {
    if (output_expected_z(rows, width, pairs, shares) >= kExpectedAim) return pairs;
  }
  return kOutputPairsMax;
}

WipedVector<uint16_t> output_slots(const crypto::SecretBytes& trace,
                                   const std::vector<std::string>& labels, unsigned threads) {
  WipedVector<uint16_t> out(labels.size());
  const auto use = [&](size_t row, const std::byte* hash) {
    out[row] = static_cast<uint16_t>(load_le<uint32_t>(hash) % kCodeBits);
  };
  for_each_hash(trace, "output/slot/", 4, labels, threads, use);
  return out;
}

WipedVector<int8_t> output_code(const crypto::SecretBytes& trace, std::string_view licensee) {
  return stream_signs(licensee_directions_key(trace, licensee), "code/output", kCodeBits);
}

crypto::SecretBytes licensee_directions_key(const crypto::SecretBytes& trace,
                                            std::string_view licensee) {
  return crypto::derive(trace, cat("licensee/", licensee));
}

OutputSigns licensee_output_signs(const crypto::SecretBytes& trace, std::string_view licensee,
                                  const std::vector<std::string>& labels, unsigned threads) {
  OutputSigns out = output_signs(trace, labels, threads);
  const auto slots = output_slots(trace, labels, threads);
  const auto code = output_code(trace, licensee);
  // A sign of -1 exchanges +1 and -1 of all carriers of the row.
  for (size_t row = 0; row < labels.size(); ++row) {
    if (code[slots[row]] < 0) out.carriers[row] = ~out.carriers[row];
  }
  return out;
}

}  // namespace wmk::embed
