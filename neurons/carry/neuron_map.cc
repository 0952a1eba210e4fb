#include "neurons/carry/neuron_map.h"

#include <algorithm>
#include <cmath>

#include "neurons/carry/gate_rows.h"
#include "neurons/carry/layer_pairs.h"
#include "neurons/carry/moments.h"
#include "neurons/carry/nearest.h"
#include "neurons/carry/rotation_fit.h"
#include "neurons/carry/whitening.h"
#include "neurons/carry/written_span.h"
#include "stats/gemm.h"

namespace wmk::neurons {

namespace {

constexpr uint64_t kRowsMax = 12288;  // of a layer
constexpr float kRatio = 0.8f;
constexpr size_t kPairsMin = 20;
constexpr int kRounds = 5;
constexpr float kCosineMin = 0.3f, kOfMedian = 0.8f;
// A fit to this part of the neurons is not improved on by another pairing of layers.
constexpr double kGoodFit = 0.5;

// Wide models have enough in a few layers, and each form takes d^2 numbers and n d^2 steps.
size_t forms_for(size_t width) { return std::clamp<size_t>(16384 / width, 4, 12); }
size_t clouds_for(size_t width) { return std::clamp<size_t>(8192 / width, 2, 6); }
uint64_t spectrum_rows_for(size_t width) { return width <= 2048 ? kRowsMax : 2048; }

LayerPairs spread(const LayerPairs& pairs, size_t count) {
  LayerPairs out;
  const size_t step = std::max<size_t>(1, pairs.size() / count);
  for (size_t i = 0; i < pairs.size(); i += step) out.push_back(pairs[i]);
  return out;
}

struct Fit {
  std::vector<float> o;  // in the coordinates of the suspect's basis
  uint64_t pairs = 0;
  double cosines = 0;  // sum
  std::vector<LayerFit> layers;

  uint64_t neurons() const {
    uint64_t sum = 0;
    for (const LayerFit& layer : layers) sum += layer.neurons;
    return sum;
  }
};

Rows gather(const Rows& rows, const std::vector<RowPair>& pairs, uint32_t RowPair::*side) {
  Rows out{pairs.size(), rows.width, std::vector<float>(pairs.size() * rows.width)};
  for (size_t i = 0; i < pairs.size(); ++i) {
    std::copy_n(rows.row(pairs[i].*side), rows.width, out.row(i));
  }
  return out;
}

class Mapper {
 public:
  Mapper(GateRows& suspect, GateRows& release, unsigned threads)
      : suspect_(suspect), release_(release), threads_(threads) {}

  Result<std::vector<LayerPairs>> candidates() {
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

  // None: too few neurons have a clear counterpart.
  Result<std::optional<Fit>> fit(const LayerPairs& pairs) {
    const size_t width = release_.width();
    const LayerPairs clouds = spread(pairs, clouds_for(width));
    auto start = match_by_forms(spread(pairs, forms_for(width)), clouds);
    if (!start) return std::move(start).error();
    size_t sure = 0;
    for (const auto& each : *start) sure += each.size();
    if (sure < kPairsMin) return std::optional<Fit>();
    Fit out;
    for (int round = 0; round <= kRounds; ++round) {
      Status status = improve(clouds, round == 0 ? &*start : nullptr, out);
      if (!status) return std::move(status).error();
    }
    return std::optional<Fit>(std::move(out));
  }

 private:
  Result<Rows> rows_of(GateRows& model, size_t layer) {
    return model.read(layer, kRowsMax, threads_);
  }

  // The numbers of each cloud row under each form: by cloud, suspect and release.
  using Numbers = std::vector<std::pair<Rows, Rows>>;
  Status add_form(GateRows& model, size_t layer, size_t form_index, size_t forms,
                  const LayerPairs& clouds, Numbers& out) {
    std::vector<float> form;
    {
      auto rows = rows_of(model, layer);
      if (!rows) return std::move(rows).error();
      form = form_of(*rows, threads_);
    }
    for (size_t c = 0; c < clouds.size(); ++c) {
      const bool is_suspect = &model == &suspect_;
      auto rows = rows_of(model, is_suspect ? clouds[c].first : clouds[c].second);
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
  Result<std::vector<std::vector<RowPair>>> match_by_forms(const LayerPairs& forms,
                                                           const LayerPairs& clouds) {
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

  std::vector<RowPair> near_under(const Fit& fit, const Rows& suspect, const Rows& release) {
    const Rows turned = turned_back(suspect, fit.o, release.width, threads_);
    std::vector<RowPair> pairs = nearest_by_cosine(turned, release, threads_);
    if (pairs.empty()) return pairs;
    std::vector<float> cosines;
    for (const RowPair& pair : pairs) cosines.push_back(pair.closeness);
    const auto middle = cosines.begin() + static_cast<std::ptrdiff_t>((cosines.size() - 1) / 2);
    std::nth_element(cosines.begin(), middle, cosines.end());
    const float floor = std::max(kCosineMin, kOfMedian * *middle);
    std::erase_if(pairs, [floor](const RowPair& pair) { return pair.closeness <= floor; });
    return pairs;
  }

  // One round: pairs under the map so far (or the given ones), and the map of these pairs.
  Status improve(const LayerPairs& clouds, const std::vector<std::vector<RowPair>>* given,
                 Fit& fit) {
    Fit next;
    std::vector<float> moment(suspect_.width() * release_.width());
    for (size_t c = 0; c < clouds.size(); ++c) {
      auto suspect = rows_of(suspect_, clouds[c].first);
      if (!suspect) return std::move(suspect).error();
      auto release = rows_of(release_, clouds[c].second);
      if (!release) return std::move(release).error();
      const std::vector<RowPair> pairs = given ? (*given)[c] : near_under(fit, *suspect, *release);
      LayerFit layer{suspect_.layer_number(clouds[c].first),
                     release_.layer_number(clouds[c].second),
                     std::min(suspect->count, release->count), pairs.size(), 0};
      for (const RowPair& pair : pairs) layer.cosine += pair.closeness;
      next.pairs += layer.pairs;
      next.cosines += layer.cosine;
      layer.cosine /= static_cast<double>(std::max<uint64_t>(1, layer.pairs));
      next.layers.push_back(layer);
      const std::vector<float> part =
          cross_moment(gather(*suspect, pairs, &RowPair::suspect),
                       gather(*release, pairs, &RowPair::release), threads_);
      for (size_t i = 0; i < moment.size(); ++i) moment[i] += part[i];
    }
    next.o = isometry_of(std::move(moment), suspect_.width(), release_.width(), threads_);
    fit = std::move(next);
    return {};
  }

  GateRows& suspect_;
  GateRows& release_;
  unsigned threads_;
};

NeuronMap map_of(Fit fit, const GateRows& suspect, size_t suspect_width, size_t release_width) {
  NeuronMap out{suspect_width,        release_width, std::move(fit.o), fit.pairs, 0,
                std::move(fit.layers)};
  out.cosine = fit.cosines / static_cast<double>(std::max<uint64_t>(1, fit.pairs));
  const Rows& basis = suspect.basis();
  if (basis.count == 0) return out;
  std::vector<float> o(suspect_width * release_width);
  stats::gemm(stats::Op::transposed, stats::Op::plain, suspect_width, release_width, basis.count,
              basis.values.data(), suspect_width, out.o.data(), release_width, 0.0f, o.data(),
              release_width);
  out.o = std::move(o);
  return out;
}

Error not_found() {
  return {ErrorCode::unsupported, "the release's neurons are not found in the suspect"};
}

}  // namespace

Result<NeuronMap> map_neurons(const Model& suspect, const Model& release, unsigned threads,
                              Progress* progress) {
  (void)progress;
  auto span = written_span(suspect, threads);
  if (!span) return std::move(span).error();
  GateRows suspect_rows(suspect, *std::move(span), RowChoice::strong);
  GateRows release_rows(release, {}, RowChoice::all);
  Mapper mapper(suspect_rows, release_rows, threads);
  auto candidates = mapper.candidates();
  if (!candidates) return std::move(candidates).error();
  std::optional<Fit> best;
  for (const LayerPairs& pairs : *candidates) {
    if (pairs.size() < 2) continue;
    auto fit = mapper.fit(pairs);
    if (!fit) return std::move(fit).error();
    if (!*fit || (best && (*fit)->cosines <= best->cosines)) continue;
    best = std::move(**fit);
    if (best->cosines > kGoodFit * static_cast<double>(best->neurons())) break;
  }
  if (!best || best->pairs < kPairsMin) return not_found();
  return map_of(std::move(*best), suspect_rows, suspect.anatomy->width, release.anatomy->width);
}

}  // namespace wmk::neurons
