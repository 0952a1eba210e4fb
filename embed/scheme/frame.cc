#include "embed/scheme/frame.h"

#include <array>
#include <optional>

#include "base/parallel.h"
#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/keyed_hashes.h"
#include "stats/spectral.h"

namespace wmk::embed {

namespace {

constexpr double kConditionMax = 1e12;
constexpr size_t kLabelsAtOnce = 4096;
constexpr std::string_view kPurpose = "anchor/";
constexpr size_t kAnchorHashBytes = 16;

Anchor anchor_from(const std::byte* hash, size_t rows) {
  const bool odd = (std::to_integer<unsigned>(hash[4]) & 1) != 0;
  return {static_cast<uint32_t>(load_le<uint32_t>(hash) % rows), static_cast<int8_t>(odd ? 1 : -1)};
}

std::vector<AnchorTable> anchor_tables(const std::vector<std::string>& labels,
                                       const std::vector<FrameRequest>& requests,
                                       unsigned threads) {
  std::vector<AnchorTable> tables;
  for (const FrameRequest& request : requests) {
    tables.push_back({request.rows, std::vector<Anchor>(labels.size())});
  }
  const size_t parts = (labels.size() + kLabelsAtOnce - 1) / kLabelsAtOnce;
  (void)parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const size_t first = part * kLabelsAtOnce;
    const size_t count = std::min(labels.size() - first, kLabelsAtOnce);
    WipedBytes hashes(count * kAnchorHashBytes);
    for (size_t i = 0; i < requests.size(); ++i) {
      const crypto::KeyedHashes hasher(*requests[i].key, kPurpose, kAnchorHashBytes);
      hasher.hash(std::span(labels).subspan(first, count), hashes);
      for (size_t t = 0; t < count; ++t) {
        tables[i].anchors[first + t] = anchor_from(&hashes[t * kAnchorHashBytes], requests[i].rows);
      }
    }
    return {};
  });
  return tables;
}

// Centring is linear: G_k = sum of s_t (e_t - mean) = sum of s_t e_t - (sum of s_t) mean.
std::optional<Frame> frame_of(const AnchorTable& table, const std::vector<bool>* used,
                              const std::vector<int64_t>& groups, const std::vector<int64_t>& all) {
  std::vector<double> signs(table.rows);
  uint64_t count = 0;
  for (size_t t = 0; t < table.anchors.size(); ++t) {
    if (used && !(*used)[t]) continue;
    signs[table.anchors[t].group] += table.anchors[t].sign;
    ++count;
  }
  if (count == 0) return std::nullopt;
  const size_t width = all.size();
  std::vector<double> g(groups.size());
  for (size_t k = 0; k < table.rows; ++k) {
    const double weight = signs[k] / static_cast<double>(count);
    for (size_t j = 0; j < width; ++j) {
      const double sum = static_cast<double>(groups[k * width + j]);
      g[k * width + j] = (sum - weight * static_cast<double>(all[j])) / kFixedPoint;
    }
  }
  const auto rows = stats::orthonormal_rows(g, table.rows, width, kConditionMax);
  if (!rows) return std::nullopt;
  return Frame{table.rows, width, std::vector<float>(rows->begin(), rows->end())};
}

}  // namespace

Anchor anchor_of(const crypto::SecretBytes& key, std::string_view label, size_t rows) {
  std::array<std::byte, kAnchorHashBytes> hash;
  crypto::blake2b(key.reveal(), as_bytes(cat(kPurpose, label)), hash);
  return anchor_from(hash.data(), rows);
}

Result<std::vector<Frame>> make_frames(const checkpoint::Checkpoint& checkpoint,
                                       const checkpoint::Anatomy& anatomy,
                                       const std::vector<std::string>& labels,
                                       const std::vector<FrameRequest>& requests, unsigned threads,
                                       Progress* progress, const std::vector<bool>* used) {
  const checkpoint::Tensor& tensor = checkpoint.tensors()[anatomy.token_embedding];
  const std::string where = cat("tensor '", escaped(tensor.name), "'");
  if (anatomy.vocabulary > kVocabularyMax) {
    return Error(ErrorCode::limit_exceeded, cat(where, ": ", anatomy.vocabulary, " rows; at most ",
                                                kVocabularyMax, " are supported"));
  }
  const std::vector<AnchorTable> tables = anchor_tables(labels, requests, threads);
  auto sums = sum_embedding(checkpoint, anatomy, tables, used, threads, progress);
  if (!sums) return std::move(sums).error().within(where);

  std::vector<std::optional<Frame>> made(requests.size());
  (void)parallel_for(requests.size(), threads, [&](size_t i, unsigned) -> Status {
    made[i] = frame_of(tables[i], used, sums->groups[i], sums->all);
    return {};
  });
  std::vector<Frame> frames;
  for (std::optional<Frame>& frame : made) {
    if (!frame) {
      return Error(ErrorCode::malformed,
                   cat(where, ": too small or too degenerate for a frame of ",
                       requests[frames.size()].rows, " directions (", used ? "some of " : "",
                       anatomy.vocabulary, " rows of ", anatomy.width, ")"));
    }
    frames.push_back(std::move(*frame));
  }
  return frames;
}

}  // namespace wmk::embed
