#include "neurons/carry/map_fit.h"

#include <algorithm>
#include <cmath>

#include "neurons/carry/moments.h"
#include "neurons/carry/rotation_fit.h"
#include "neurons/carry/row_parts.h"
#include "neurons/carry/whitening.h"

namespace wmk::neurons {

namespace {

constexpr uint64_t kRowsMax = 12288;  // of a layer
constexpr float kRatio = 0.8f;
constexpr float kCosineMin = 0.3f, kOfMedian = 0.8f;
// Wide models have enough in a few layers, and each form takes d^2 numbers and n d^2 steps.
size_t forms_for(size_t width) { return std::clamp<size_t>(32768 / width, 8, 12); }
size_t clouds_for(size_t width) { return std::clamp<size_t>(8192 / width, 2, 6); }
uint64_t spectrum_rows_for(size_t width) { return width <= kWide ? kRowsMax : 2048; }
// With the first, by forms alone, and without the last, by all rows.
int rounds_for(size_t width) { return width <= kWide ? 5 : 3; }

LayerPairs spread(const LayerPairs& pairs, size_t count) {
  LayerPairs out;
  const size_t step = std::max<size_t>(1, pairs.size() / count);
  for (size_t i = 0; i < pairs.size(); i += step) out.push_back(pairs[i]);
  return out;
}

Rows gather(const Rows& rows, std::span<const RowPair> pairs, uint32_t RowPair::*side) {
  Rows out{pairs.size(), rows.width, std::vector<float>(pairs.size() * rows.width)};
  for (size_t i = 0; i < pairs.size(); ++i) {
    std::copy_n(rows.row(pairs[i].*side), rows.width, out.row(i));
  }
  return out;
}

// Adds s r^T of all pairs.
void add_pairs(const Rows& suspect, const Rows& release, std::span<const RowPair> pairs,
               unsigned threads, std::vector<float>& moment) {
  constexpr size_t at_once = 1024;
  for (size_t first = 0; first < pairs.size(); first += at_once) {
    const auto some = pairs.subspan(first, std::min(at_once, pairs.size() - first));
    add_cross_moment(gather(suspect, some, &RowPair::suspect),
                     gather(release, some, &RowPair::release), threads, moment);
  }
}

}  // namespace

Result<std::vector<LayerPairs>> Mapper::candidates() {
  std::vector<std::vector<double>> spectra[2];
  for (int side = 0; side < 2; ++side) {
    GateRows& model = side == 0 ? suspect_ : release_;
    for (size_t layer = 0; layer < model.layers(); ++layer) {
      auto rows = model.read(layer, spectrum_rows_for(model.width()), threads_);
      if (!rows) return std::move(rows).error();
      spectra[side].push_back(rows->count > kPairsMin ? spectrum_of(*rows)
                                                      : std::vector<double>(kSpectrum));
    }
  }
  return pair_layers(spectra[0], spectra[1]);
}

Result<std::optional<Fit>> Mapper::fit(const LayerPairs& pairs) {
  const size_t width = release_.width();
  const LayerPairs clouds = spread(pairs, clouds_for(width));
  auto start = match_by_forms(spread(pairs, forms_for(width)), clouds);
  if (!start) return std::move(start).error();
  size_t sure = 0;
  for (const auto& each : *start) sure += each.size();
  if (sure < kPairsMin) return std::optional<Fit>();
  Fit out;
  for (int round = 0; round < rounds_for(width); ++round) {
    Status status = improve(clouds, round == 0 ? &*start : nullptr, Part::fitted, out);
    if (!status) return std::move(status).error();
  }
  auto confirmed = confirm(clouds, out);
  if (!confirmed) return std::move(confirmed).error();
  Status status = improve(clouds, nullptr, Part::all, out);
  if (!status) return std::move(status).error();
  out.confirmed = *confirmed;
  out.pairing = pairs;
  return std::optional<Fit>(std::move(out));
}

Result<Rows> Mapper::rows_of(GateRows& model, size_t layer, Part part) {
  auto rows = model.read(layer, kRowsMax, threads_);
  if (!rows || part == Part::all) return rows;
  const size_t width = release_.width();
  if (part == Part::held_out) select(*rows, is_held_out);
  if (part == Part::fitted) select(*rows, [width](size_t i) { return is_fitted(i, width); });
  return rows;
}

Status Mapper::add_form(GateRows& model, size_t layer, size_t form_index, size_t forms,
                        const LayerPairs& clouds, Numbers& out) {
  std::vector<float> form;
  {
    auto rows = rows_of(model, layer, Part::all);
    if (!rows) return std::move(rows).error();
    form = form_of(*rows, threads_);
  }
  for (size_t c = 0; c < clouds.size(); ++c) {
    const bool is_suspect = &model == &suspect_;
    auto rows = rows_of(model, is_suspect ? clouds[c].first : clouds[c].second,
                        is_suspect ? Part::fitted : Part::all);
    if (!rows) return std::move(rows).error();
    Rows& numbers = is_suspect ? out[c].first : out[c].second;
    numbers.count = rows->count;
    numbers.width = forms;
    numbers.values.resize(rows->count * forms);
    const std::vector<float> values = values_under(form, *rows, threads_);
    for (size_t i = 0; i < values.size(); ++i) numbers.row(i)[form_index] = values[i];
  }
  return {};
}

// Pairs that the forms alone show, by cloud.
Result<Mapper::Matches> Mapper::match_by_forms(const LayerPairs& forms, const LayerPairs& clouds) {
  Numbers numbers(clouds.size());
  for (size_t f = 0; f < forms.size(); ++f) {
    Status status = add_form(suspect_, forms[f].first, f, forms.size(), clouds, numbers);
    if (status) status = add_form(release_, forms[f].second, f, forms.size(), clouds, numbers);
    if (!status) return std::move(status).error();
  }
  std::vector<std::vector<RowPair>> out;
  for (auto& [suspect, release] : numbers) {
    const Whitening whitening(release);
    out.push_back(
        nearest_by_distance(whitening.of(suspect), whitening.of(release), kRatio, threads_));
  }
  return out;
}

std::vector<RowPair> Mapper::near_under(const Fit& fit, const Rows& suspect,
                                        const Rows& release) const {
  std::vector<RowPair> pairs = nearest_by_cosine({suspect, fit.o}, release, threads_);
  if (pairs.empty()) return pairs;
  std::vector<float> cosines;
  for (const RowPair& pair : pairs) cosines.push_back(pair.closeness);
  const auto middle = cosines.begin() + static_cast<std::ptrdiff_t>((cosines.size() - 1) / 2);
  std::nth_element(cosines.begin(), middle, cosines.end());
  const float floor = std::max(kCosineMin, kOfMedian * *middle);
  std::erase_if(pairs, [floor](const RowPair& pair) { return pair.closeness <= floor; });
  return pairs;
}

Status Mapper::improve(const LayerPairs& clouds, const Matches* given, Part part, Fit& fit) {
  Fit next;
  std::vector<float> moment(suspect_.width() * release_.width());
  for (size_t c = 0; c < clouds.size(); ++c) {
    auto suspect = rows_of(suspect_, clouds[c].first, part);
    if (!suspect) return std::move(suspect).error();
    auto release = rows_of(release_, clouds[c].second, Part::all);
    if (!release) return std::move(release).error();
    const std::vector<RowPair> pairs = given ? (*given)[c] : near_under(fit, *suspect, *release);
    LayerFit layer{suspect_.layer_number(clouds[c].first), release_.layer_number(clouds[c].second),
                   std::min(suspect->count, release->count), pairs.size(), 0};
    for (const RowPair& pair : pairs) layer.cosine += pair.closeness;
    next.pairs += layer.pairs;
    next.cosines += layer.cosine;
    layer.cosine /= static_cast<double>(std::max<uint64_t>(1, layer.pairs));
    next.layers.push_back(layer);
    add_pairs(*suspect, *release, pairs, threads_, moment);
  }
  fit = {};
  next.o = isometry_of(std::move(moment), suspect_.width(), release_.width(),
                       part == Part::all ? Precision::full : Precision::rough, threads_);
  fit = std::move(next);
  return {};
}

Result<double> Mapper::confirm(const LayerPairs& clouds, const Fit& fit) {
  size_t asked = 0, clear = 0;
  for (const auto& [of_suspect, of_release] : clouds) {
    auto suspect = rows_of(suspect_, of_suspect, Part::held_out);
    if (!suspect) return std::move(suspect).error();
    auto release = rows_of(release_, of_release, Part::all);
    if (!release) return std::move(release).error();
    asked += suspect->count;
    clear += count_clear({*suspect, fit.o}, *release, kRatio, threads_);
  }
  return asked > 0 ? static_cast<double>(clear) / static_cast<double>(asked) : 0.0;
}

}  // namespace wmk::neurons
