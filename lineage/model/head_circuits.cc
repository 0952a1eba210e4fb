#include "lineage/model/head_circuits.h"

#include <algorithm>

#include "lineage/model/row_cosines.h"
#include "lineage/model/sampling.h"
#include "lineage/model/vector_reader.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

using stats::Op;

constexpr size_t kMatchingMax = 64, kTestingMax = 512;

const std::vector<float>* head_norm(const Side& side, const std::optional<size_t>& index) {
  return index ? &side.heads.norm_weights[*index] : nullptr;
}

// Vectors at the coordinates that are kept; the others need not be in memory together.
Result<std::vector<float>> kept_vectors(const VectorSource& source, uint64_t count) {
  std::vector<float> out;
  out.reserve(count * source.width());
  VectorReader reader;
  auto status =
      reader.for_each(source, count, [&](const std::vector<float>& rows, uint64_t, uint64_t) {
        out.insert(out.end(), rows.begin(), rows.end());
        return Status();
      });
  if (!status) return std::move(status).error();
  return out;
}

// Rows of V, one for each number of a value head.
Result<std::vector<float>> value_rows(const Side& side, const checkpoint::HeadLayer& layer,
                                      const Basis& kept) {
  const uint64_t rows = layer.kv_heads * layer.value_size;
  const auto* in_norm = head_norm(side, layer.in_norm);
  if (!layer.latent) return kept_vectors({&side, layer.v, in_norm, &kept}, rows);
  const checkpoint::LatentValues& latent = *layer.latent;
  auto down = kept_vectors({&side, latent.down, in_norm, &kept}, latent.size);
  if (!down) return down;
  if (const auto* norm = head_norm(side, latent.norm)) {
    for (size_t i = 0; i < latent.size; ++i) {
      stats::scale((*norm)[i], kept.to, &(*down)[i * kept.to]);
    }
  }
  auto up = load_view(*side.checkpoint, layer.v, latent.size, 0, rows);
  if (!up) return up;
  std::vector<float> out(rows * kept.to);
  stats::gemm(Op::plain, Op::plain, rows, kept.to, latent.size, up->data(), latent.size,
              down->data(), kept.to, 0.0f, out.data(), kept.to);
  return out;
}

}  // namespace

Basis CircuitCoordinates::of(const Basis& basis) const {
  std::vector<size_t> all = matching;
  all.insert(all.end(), testing.begin(), testing.end());
  return basis.restricted(all);
}

CircuitCoordinates circuit_coordinates(size_t width, uint64_t seed, std::span<const size_t> taken) {
  CircuitCoordinates out;
  std::vector<size_t> rest, first(taken.begin(), taken.end());
  for (size_t i = 0; i < width; ++i) {
    if (!std::binary_search(taken.begin(), taken.end(), i)) rest.push_back(i);
  }
  auto random = random_for(seed, "circuits");
  shuffle(random, first);
  shuffle(random, rest);
  first.insert(first.end(), rest.begin(), rest.end());
  const size_t matching = std::min(kMatchingMax, width / 4);
  out.matching.assign(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(matching));
  const size_t from = std::max(matching, taken.size());
  const size_t count = std::min(kTestingMax, width - from);
  out.testing.assign(first.begin() + static_cast<std::ptrdiff_t>(from),
                     first.begin() + static_cast<std::ptrdiff_t>(from + count));
  return out;
}

Result<HeadCircuits> head_circuits(const Side& side, const checkpoint::HeadLayer& layer,
                                   const Basis& kept, size_t matching) {
  const size_t width = kept.to, size = layer.value_size;
  HeadCircuits out{layer.heads, layer.kv_heads, matching, width - matching, {}, {}};
  auto values = value_rows(side, layer, kept);
  if (!values) return std::move(values).error();
  auto outputs =
      kept_vectors({&side, layer.o, head_norm(side, layer.out_norm), &kept}, layer.heads * size);
  if (!outputs) return std::move(outputs).error();
  out.inner.resize(out.heads * matching * matching);
  out.outer.resize(out.heads * out.testing * 2 * matching);
  for (size_t h = 0; h < out.heads; ++h) {
    const float* v = &(*values)[layer.value_head(h) * size * width];
    const float* o = &(*outputs)[h * size * width];
    float* inner = &out.inner[h * matching * matching];
    stats::gemm(Op::transposed, Op::plain, matching, matching, size, o, width, v, width, 0.0f,
                inner, matching);
    if (out.testing == 0) continue;
    float* outer = &out.outer[h * out.testing * 2 * matching];
    stats::gemm(Op::transposed, Op::plain, out.testing, matching, size, v + matching, width, o,
                width, 0.0f, outer, 2 * matching);
    stats::gemm(Op::transposed, Op::plain, out.testing, matching, size, o + matching, width, v,
                width, 0.0f, outer + matching, 2 * matching);
  }
  normalise_rows(out.inner, matching * matching);
  if (out.testing > 0) normalise_rows(out.outer, matching);
  return out;
}

}  // namespace wmk::lineage
