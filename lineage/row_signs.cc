#include "lineage/row_signs.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/parallel.h"
#include "base/text.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;
using checkpoint::UnitGroup;

// A rotation costs width^2 for every vector: beyond this many operations every n-th task is taken.
constexpr double kRotationWorkMax = 1.5e12;
constexpr uint64_t kNeuronsATime = 256;

struct Task {
  const AttentionLayer* suspect = nullptr;  // attention: one key/value head
  const AttentionLayer* reference = nullptr;
  uint64_t head = 0;
  const UnitGroup* suspect_units = nullptr;  // or neurons
  const UnitGroup* reference_units = nullptr;
  uint64_t first = 0, count = 0;
};

const std::vector<float>* gain_or_none(const Side& side, const std::optional<size_t>& gain) {
  return gain ? &side.anatomy->gains[*gain] : nullptr;
}

// Cosine of two blocks of vectors, each as one long vector: rows `a_rows` of a, `b_rows` of b.
double block_cosine(const std::vector<float>& a, std::span<const size_t> a_rows,
                    const std::vector<float>& b, std::span<const size_t> b_rows, size_t width) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a_rows.size(); ++i) {
    const float* x = &a[a_rows[i] * width];
    const float* y = &b[b_rows[i] * width];
    for (size_t j = 0; j < width; ++j) {
      ab += static_cast<double>(x[j]) * y[j];
      aa += static_cast<double>(x[j]) * x[j];
      bb += static_cast<double>(y[j]) * y[j];
    }
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

struct HeadVectors {
  std::vector<float> q, k, v, o;
};

Result<HeadVectors> load_head(const Side& side, const AttentionLayer& layer, uint64_t head,
                              const Gauge* gauge) {
  const uint64_t size = side.attention.head_size;
  const uint64_t queries = side.attention.heads / side.attention.kv_heads * size;
  HeadVectors out;
  const std::tuple<const checkpoint::View&, const std::vector<float>*, uint64_t,
                   std::vector<float>*>
      parts[] = {{layer.q, &layer.gain, queries, &out.q},
                 {layer.k, &layer.gain, size, &out.k},
                 {layer.v, &layer.gain, size, &out.v},
                 {layer.o, nullptr, queries, &out.o}};
  for (const auto& [view, gain, count, to] : parts) {
    auto rows = load_vectors({&side, view, gain, gauge}, head * count, count);
    if (!rows) return std::move(rows).error();
    *to = *std::move(rows);
  }
  return out;
}

// The rows of pair or dimension `unit` in all query heads of a group.
std::vector<size_t> rows_of(const checkpoint::Attention& attention, size_t unit, bool pairs,
                            size_t heads) {
  std::vector<size_t> rows;
  const size_t size = attention.head_size;
  for (size_t h = 0; h < heads; ++h) {
    const size_t first = pairs && attention.interleaved ? 2 * unit : unit;
    rows.push_back(h * size + first);
    if (pairs) rows.push_back(rows.back() + (attention.interleaved ? 1 : size / 2));
  }
  return rows;
}

Status do_head(const Pair& pair, const Gauge& gauge, const Task& task, RowSigns& value_output,
               RowSigns& query_key) {
  auto b = load_head(pair.suspect, *task.suspect, task.head, &gauge);
  if (!b) return std::move(b).error();
  auto a = load_head(pair.reference, *task.reference, task.head, nullptr);
  if (!a) return std::move(a).error();
  const auto& form_a = pair.reference.attention;
  const auto& form_b = pair.suspect.attention;
  const size_t width = pair.reference.width(), size = form_a.head_size;
  const size_t group = form_a.heads / form_a.kv_heads;
  for (const bool pairs : {false, true}) {
    const size_t units = pairs ? size / 2 : size;
    const auto x_of = [&](size_t unit_a, size_t unit_b) {
      const auto one_a = rows_of(form_a, unit_a, pairs, 1),
                 one_b = rows_of(form_b, unit_b, pairs, 1);
      const auto all_a = rows_of(form_a, unit_a, pairs, group);
      const auto all_b = rows_of(form_b, unit_b, pairs, group);
      return block_cosine(pairs ? a->k : a->v, one_a, pairs ? b->k : b->v, one_b, width) +
             block_cosine(pairs ? a->q : a->o, all_a, pairs ? b->q : b->o, all_b, width);
    };
    RowSigns& to = pairs ? query_key : value_output;
    for (size_t unit = 0; unit < units; ++unit) {
      to.sum.add(x_of(unit, unit));
      to.shifted.add(x_of((unit + 1) % units, unit));
    }
  }
  return {};
}

Status do_neurons(const Pair& pair, const Gauge& gauge, const Task& task, RowSigns& to) {
  const UnitGroup& units_b = *task.suspect_units;
  const UnitGroup& units_a = *task.reference_units;
  const Side &side_a = pair.reference, &side_b = pair.suspect;
  const size_t width = side_a.width();
  std::vector<double> x(task.count), shifted(task.count);
  for (const bool up : {true, false}) {
    const auto gain_a = gain_or_none(side_a, up ? units_a.in_gain : units_a.out_gain);
    const auto gain_b = gain_or_none(side_b, up ? units_b.in_gain : units_b.out_gain);
    auto a = load_vectors({&side_a, up ? units_a.up : units_a.down, gain_a, nullptr}, task.first,
                          task.count);
    if (!a) return std::move(a).error();
    auto b = load_vectors({&side_b, up ? units_b.up : units_b.down, gain_b, &gauge}, task.first,
                          task.count);
    if (!b) return std::move(b).error();
    for (size_t i = 0; i < task.count; ++i) {
      const float* row = &(*b)[i * width];
      x[i] += cosine(&(*a)[i * width], row, width);
      shifted[i] += cosine(&(*a)[(i + 1) % task.count * width], row, width);
    }
  }
  for (size_t i = 0; i < task.count; ++i) {
    to.sum.add(x[i]);
    if (task.count > 1) to.shifted.add(shifted[i]);
  }
  return {};
}

const AttentionLayer* attention_layer(const Side& side, uint64_t number) {
  for (const AttentionLayer& layer : side.attention.layers) {
    if (layer.layer == number) return &layer;
  }
  return nullptr;
}

std::string why_no_attention(const Side& b, const Side& a) {
  if (!b.attention.missing.empty()) return cat("suspect: ", b.attention.missing);
  if (!a.attention.missing.empty()) return cat("reference: ", a.attention.missing);
  if (a.attention.heads != b.attention.heads || a.attention.kv_heads != b.attention.kv_heads ||
      a.attention.head_size != b.attention.head_size) {
    return cat("heads differ: ", b.attention.heads, "/", b.attention.kv_heads, " of ",
               b.attention.head_size, " against ", a.attention.heads, "/", a.attention.kv_heads,
               " of ", a.attention.head_size);
  }
  return {};
}

struct Tasks {
  std::vector<Task> all;
  double vectors = 0;
};

void add_attention(const Pair& pair, const LayerPair& layers, Tasks& tasks) {
  const AttentionLayer* b = attention_layer(pair.suspect, layers.suspect);
  const AttentionLayer* a = attention_layer(pair.reference, layers.reference);
  if (!a || !b) return;
  const auto& form = pair.reference.attention;
  for (uint64_t head = 0; head < form.kv_heads; ++head) {
    tasks.all.push_back({b, a, head, nullptr, nullptr, 0, 0});
  }
  tasks.vectors += static_cast<double>(2 * (form.heads + form.kv_heads) * form.head_size);
}

// Dense layers of equal size only: expert neurons have a test of their own.
bool add_neurons(const Pair& pair, const LayerPair& layers, Tasks& tasks) {
  const auto of_b = groups_of_layer(*pair.suspect.anatomy, layers.suspect);
  const auto of_a = groups_of_layer(*pair.reference.anatomy, layers.reference);
  if (of_a.size() != 1 || of_b.size() != 1) return false;
  const UnitGroup& b = pair.suspect.anatomy->groups[of_b[0]];
  const UnitGroup& a = pair.reference.anatomy->groups[of_a[0]];
  if (!a.gate || !b.gate || a.units != b.units) return false;
  for (uint64_t first = 0; first < a.units; first += kNeuronsATime) {
    const uint64_t count = std::min(kNeuronsATime, a.units - first);
    tasks.all.push_back({nullptr, nullptr, 0, &b, &a, first, count});
  }
  tasks.vectors += 2.0 * static_cast<double>(a.units);
  return true;
}

std::string thin_out(const Gauge& gauge, Tasks& tasks) {
  const double work = tasks.vectors * 2 * static_cast<double>(gauge.from * gauge.to);
  if (gauge.kind != GaugeKind::rotation || work <= kRotationWorkMax) return {};
  const auto step = static_cast<size_t>(std::ceil(work / kRotationWorkMax));
  std::vector<Task> kept;
  for (size_t i = 0; i < tasks.all.size(); i += step) kept.push_back(tasks.all[i]);
  tasks.all = std::move(kept);
  return cat("every ", step, "th head and block of neurons");
}

void add_into(const RowSigns& from, RowSigns& to) {
  to.sum.merge(from.sum);
  to.shifted.merge(from.shifted);
}

}  // namespace

Result<RowSignsFound> row_signs(const Pair& pair, const Gauge& gauge,
                                const std::vector<LayerPair>& layers) {
  RowSignsFound out;
  out.attention_missing = why_no_attention(pair.suspect, pair.reference);
  out.up_down_missing = "no two dense gated layers of one size";
  Tasks tasks;
  for (const LayerPair& both : layers) {
    if (out.attention_missing.empty()) add_attention(pair, both, tasks);
    if (add_neurons(pair, both, tasks)) out.up_down_missing.clear();
  }
  out.sampled = thin_out(gauge, tasks);
  std::vector<RowSignsFound> parts(tasks.all.size());
  auto status = parallel_for(tasks.all.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    const Task& task = tasks.all[i];
    if (!task.suspect) return do_neurons(pair, gauge, task, parts[i].up_down);
    return do_head(pair, gauge, task, parts[i].value_output, parts[i].query_key);
  });
  if (!status) return std::move(status).error();
  for (const RowSignsFound& part : parts) {
    add_into(part.value_output, out.value_output);
    add_into(part.query_key, out.query_key);
    add_into(part.up_down, out.up_down);
  }
  return out;
}

}  // namespace wmk::lineage
