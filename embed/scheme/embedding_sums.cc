#include "embed/scheme/embedding_sums.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/parallel.h"
#include "checkpoint/numbers/widen.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

constexpr uint64_t kChunkBytes = 512ull << 10;  // stays in a core's cache
// Memory for the sums of all workers together.
constexpr size_t kSumsBytesMax = 128ull << 20;

EmbeddingSums zero_sums(const std::vector<AnchorTable>& tables, size_t width) {
  EmbeddingSums sums;
  sums.all.resize(width);
  for (const AnchorTable& table : tables) sums.groups.emplace_back(table.rows * width);
  return sums;
}

void merge(const EmbeddingSums& from, EmbeddingSums& into) {
  stats::add(from.all.data(), from.all.size(), into.all.data());
  for (size_t i = 0; i < from.groups.size(); ++i) {
    stats::add(from.groups[i].data(), from.groups[i].size(), into.groups[i].data());
  }
}

unsigned workers(const std::vector<AnchorTable>& tables, size_t width, unsigned threads) {
  size_t bytes = width * sizeof(int64_t);
  for (const AnchorTable& table : tables) bytes += table.rows * width * sizeof(int64_t);
  return static_cast<unsigned>(std::clamp<size_t>(kSumsBytesMax / bytes, 1, threads));
}

void subtract_mean(std::vector<float>& row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  const auto mean = static_cast<float>(sum / static_cast<double>(row.size()));
  for (float& value : row) value -= mean;
}

// How rows of the embedding are read.
struct RowRule {
  checkpoint::DType dtype;
  size_t width;
  bool centred;  // without their component along the ones vector
};

// Adds rows [first, first + count) of the embedding; `raw` holds them as stored.
void absorb(const RowRule& rule, const Bytes& raw, uint64_t first, uint64_t count,
            const std::vector<AnchorTable>& tables, const std::vector<bool>* used,
            EmbeddingSums& sums) {
  const auto [dtype, width, centred] = rule;
  const size_t row_bytes = raw.size() / count;
  std::vector<float> row(width);
  for (uint64_t r = 0; r < count; ++r) {
    if (used && !(*used)[first + r]) continue;
    checkpoint::widen(dtype, ByteView(raw).subspan(r * row_bytes, row_bytes), row);
    if (centred) subtract_mean(row);
    const double norm = std::sqrt(stats::sum_of_squares(row.data(), width));
    if (!(norm > 0) || !std::isfinite(norm)) continue;
    const double unit = kFixedPoint / norm;
    stats::add_fixed_point(row.data(), width, unit, sums.all.data());
    for (size_t i = 0; i < tables.size(); ++i) {
      const auto [group, sign] = tables[i].anchors[first + r];
      stats::add_fixed_point(row.data(), width, sign * unit, &sums.groups[i][group * width]);
    }
  }
}

}  // namespace

Result<EmbeddingSums> sum_embedding(const checkpoint::Checkpoint& checkpoint,
                                    const checkpoint::Anatomy& anatomy,
                                    const std::vector<AnchorTable>& tables,
                                    const std::vector<bool>* used, unsigned threads,
                                    Progress* progress) {
  const checkpoint::Tensor& tensor = checkpoint.tensors()[anatomy.token_embedding];
  const size_t width = anatomy.width;
  const uint64_t row_bytes = tensor.bytes / anatomy.vocabulary;
  const uint64_t chunk_rows = std::max<uint64_t>(1, kChunkBytes / row_bytes);
  const size_t chunks = (anatomy.vocabulary + chunk_rows - 1) / chunk_rows;

  std::vector<EmbeddingSums> sums(workers(tables, width, threads), zero_sums(tables, width));
  std::vector<Bytes> buffers(sums.size());
  const auto work = [&](size_t chunk, unsigned worker) -> Status {
    const uint64_t first = chunk * chunk_rows;
    const uint64_t count = std::min(chunk_rows, anatomy.vocabulary - first);
    Bytes& raw = buffers[worker];
    raw.resize(count * row_bytes);
    Status status = checkpoint.read(tensor, first * row_bytes, raw);
    if (!status) return status;
    absorb({tensor.dtype, width, anatomy.ones == checkpoint::Ones::ignored}, raw, first, count,
           tables, used, sums[worker]);
    if (progress) progress->advance(raw.size());
    return {};
  };
  Status status = parallel_for(chunks, static_cast<unsigned>(sums.size()), work);
  if (!status) return std::move(status).error();
  for (size_t i = 1; i < sums.size(); ++i) merge(sums[i], sums[0]);
  return std::move(sums[0]);
}

}  // namespace wmk::embed
