#include "lineage/tests/folded_norms.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lineage/model/sampling.h"
#include "mpi/shared_tasks.h"
#include "stats/signed_sum.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr size_t kRunsOfMatrix = 8;
constexpr uint64_t kRowsOfRun = 32;
// With a smaller mean cosine of rows, ratios of columns are mostly noise.
constexpr double kRatioCosineMin = 0.1;
constexpr double kConstant = 1e-6;  // deviation of norm weights, relative to their mean

// One norm of two corresponding layers, and the matrices that read behind it.
struct NormTask {
  const std::vector<float>*suspect = nullptr, *reference = nullptr;
  struct Reader {
    checkpoint::View suspect, reference;
    uint64_t rows = 0;
  };
  std::vector<Reader> readers;
};

bool is_constant(const std::vector<float>& weights) {
  double sum = 0, squares = 0;
  for (const float value : weights) {
    sum += value;
    squares += double{value} * double{value};
  }
  const auto n = static_cast<double>(weights.size());
  return weights.empty() ||
         !(squares / n - sum * sum / n / n > kConstant * kConstant * squares / n);
}

void add_attention(const ModelPair& pair, const LayerPair& layers, std::vector<NormTask>& tasks) {
  const auto* b = attention_layer(pair.suspect, layers.suspect);
  const auto* a = attention_layer(pair.reference, layers.reference);
  if (!a || !b || !why_no_attention(pair).empty()) return;
  const auto& form = pair.reference.attention;
  const uint64_t queries = form.heads * form.head_size, keys = form.kv_heads * form.head_size;
  tasks.push_back({&b->norm_weight,
                   &a->norm_weight,
                   {{b->q, a->q, queries}, {b->k, a->k, keys}, {b->v, a->v, keys}}});
}

void add_neurons(const ModelPair& pair, const LayerPair& layers, std::vector<NormTask>& tasks) {
  const auto of_b = groups_of_layer(*pair.suspect.anatomy, layers.suspect);
  const auto of_a = groups_of_layer(*pair.reference.anatomy, layers.reference);
  if (of_a.size() != 1 || of_b.size() != 1) return;
  const auto& b = pair.suspect.anatomy->groups[of_b[0]];
  const auto& a = pair.reference.anatomy->groups[of_a[0]];
  if (a.units != b.units || a.gate.has_value() != b.gate.has_value()) return;
  NormTask task{norm_weight_of(pair.suspect, b.in_norm),
                norm_weight_of(pair.reference, a.in_norm),
                {{b.up, a.up, a.units}}};
  if (a.gate) task.readers.push_back({*b.gate, *a.gate, a.units});
  tasks.push_back(std::move(task));
}

Status add_reader(const ModelPair& pair, const Basis& basis, const NormTask& task,
                  const NormTask::Reader& reader, ColumnRatios& to) {
  const size_t width = pair.reference.width(), runs = (reader.rows + kRowsOfRun - 1) / kRowsOfRun;
  for (const size_t run : evenly(runs, kRunsOfMatrix)) {
    const uint64_t first = run * kRowsOfRun, count = std::min(kRowsOfRun, reader.rows - first);
    auto b = load_vectors({&pair.suspect, reader.suspect, task.suspect, &basis}, first, count);
    if (!b) return std::move(b).error();
    auto a =
        load_vectors({&pair.reference, reader.reference, task.reference, nullptr}, first, count);
    if (!a) return std::move(a).error();
    for (size_t at = 0; at < a->size(); at += width) {
      to.add(std::span(*b).subspan(at, width), std::span(*a).subspan(at, width));
    }
  }
  return {};
}

// The norms of evenly spread layers, where the reference or the suspect has weights of them.
std::vector<NormTask> norm_tasks(const ModelPair& pair, const std::vector<LayerPair>& layers) {
  std::vector<NormTask> out;
  for (const size_t place : evenly(layers.size(), kSampledLayers)) {
    add_attention(pair, layers[place], out);
    add_neurons(pair, layers[place], out);
  }
  const auto varies = [](const std::vector<float>* weights) {
    return weights && !is_constant(*weights);
  };
  std::erase_if(
      out, [&](const NormTask& task) { return !varies(task.suspect) && !varies(task.reference); });
  return out;
}

}  // namespace

void ColumnRatios::add(std::span<const float> suspect, std::span<const float> reference) {
  const size_t width = both.size();
  const double bb = stats::sum_of_squares(suspect.data(), width);
  const double aa = stats::sum_of_squares(reference.data(), width);
  const double length = std::sqrt(aa * bb);
  if (!(length > 0) || !std::isfinite(length)) return;
  const double cosine = stats::dot(suspect.data(), reference.data(), width) / length;
  const double scale = (cosine < 0 ? -1 : 1) / length;
  for (size_t j = 0; j < width; ++j) {
    both[j] += scale * double{suspect[j]} * double{reference[j]};
    squares[j] += double{reference[j]} * double{reference[j]} / aa;
  }
  cosines += std::abs(cosine);
  rows += 1;
}

bool ColumnRatios::correspond() const {
  return rows > 0 && cosines / static_cast<double>(rows) > kRatioCosineMin;
}

std::optional<double> folded_correlation(const ColumnRatios& ratios,
                                         const std::vector<float>& reference,
                                         const std::vector<float>& suspect) {
  const bool by_reference = !is_constant(reference);
  const auto& known = by_reference ? reference : suspect;
  if (is_constant(known) || known.size() != ratios.both.size()) return std::nullopt;
  std::vector<double> given, found;
  for (size_t j = 0; j < known.size(); ++j) {
    const double up = by_reference ? ratios.both[j] : ratios.squares[j];
    const double down = by_reference ? ratios.squares[j] : ratios.both[j];
    if (!(down > 0) || !std::isfinite(known[j])) continue;
    given.push_back(known[j]);
    found.push_back(up / down * double{known[j]});
  }
  return stats::correlation(given, found);
}

Result<TestResult> folded_norm_result(const ModelPair& pair, const Basis& basis,
                                      const std::vector<LayerPair>& layers) {
  TestResult out;
  out.name = "T6 gains, folded";
  out.statistic = kFoldedStatistic;
  out.null = "none: distinguishes a copy from a shared initialisation";
  out.basis = basis.kind;
  out.note = "norm weights are constant or missing in both models";
  const auto tasks = norm_tasks(pair, layers);
  if (tasks.empty()) return out;
  std::vector<std::optional<double>> found(tasks.size());
  auto status = mpi::for_tasks(pair.is_shared, pair.threads, found, [&](size_t i) -> Status {
    const NormTask& task = tasks[i];
    ColumnRatios ratios(pair.reference.width());
    for (const auto& reader : task.readers) {
      if (auto read = add_reader(pair, basis, task, reader, ratios); !read) return read;
    }
    if (!ratios.correspond()) return {};
    const std::vector<float> none;
    // In a fitted basis the suspect's own norm weights have other coordinates.
    const bool own = basis.kind == BasisKind::identity && task.suspect;
    found[i] = folded_correlation(ratios, task.reference ? *task.reference : none,
                                  own ? *task.suspect : none);
    return {};
  });
  if (!status) return std::move(status).error();
  double norms = 0;
  for (const auto& one : found) norms += one.has_value();
  out.note = "the rows that read behind norms do not correspond";
  if (norms == 0) return out;
  for (const auto& one : found) out.value += one.value_or(0) / norms;
  out.effect = out.value;
  out.outcome = Outcome::soft;
  out.note = cat(fixed(norms, 0), " norms");
  return out;
}

}  // namespace wmk::lineage
