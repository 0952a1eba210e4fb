#include "neurons/carry/form_match.h"

#include <algorithm>
#include <optional>

#include "neurons/carry/whitening.h"
#include "neurons/rows/moments.h"

namespace wmk::neurons {

namespace {

// The numbers of each cloud row under each form, by cloud.
using Numbers = std::vector<Rows>;

// Writes the numbers under form number `index` of `forms`.
void store(const Rows& values, size_t index, size_t forms, Rows& numbers) {
  numbers.count = values.count;
  numbers.width = forms * kValuesOfForm;
  numbers.values.resize(numbers.count * numbers.width);
  for (size_t i = 0; i < values.count; ++i) {
    std::copy_n(values.row(i), kValuesOfForm, numbers.row(i) + index * kValuesOfForm);
  }
}

// The form of these rows, to multiply with.
Result<Products> form_from(Result<Rows> rows, unsigned threads) {
  if (!rows) return std::move(rows).error();
  Rows form{rows->width, rows->width, form_of(*rows, threads)};
  rows = Rows();
  return Products(form, stats::TilePrecision::one_term, threads);
}

template <class ReadForm, class ReadCloud>
Result<Numbers> numbers_of(const ReadForm& read_form, const std::vector<size_t>& forms,
                           const ReadCloud& read_cloud, const std::vector<size_t>& clouds,
                           unsigned threads, NumbersByLayers& known) {
  Numbers out(clouds.size());
  for (size_t f = 0; f < forms.size(); ++f) {
    std::optional<Products> form;
    for (size_t c = 0; c < clouds.size(); ++c) {
      auto [numbers, is_new] = known.try_emplace({forms[f], clouds[c]});
      if (is_new) {
        if (!form) {
          auto made = form_from(read_form(forms[f]), threads);
          if (!made) return std::move(made).error();
          form.emplace(*std::move(made));
        }
        auto rows = read_cloud(clouds[c]);
        if (!rows) return std::move(rows).error();
        numbers->second = values_under(*form, *rows, threads);
      }
      store(numbers->second, f, forms.size(), out[c]);
    }
  }
  return out;
}

std::vector<size_t> layers_of(const LayerPairs& pairs, size_t LayerPair::*side) {
  std::vector<size_t> out;
  for (const LayerPair& pair : pairs) out.push_back(pair.*side);
  return out;
}

// Noise moves the numbers of all rows by about the same; this undoes it.
void centre(Rows& numbers) {
  for (size_t k = 0; k < numbers.width; ++k) {
    double mean = 0;
    for (size_t i = 0; i < numbers.count; ++i) mean += numbers.row(i)[k];
    mean /= static_cast<double>(std::max<size_t>(1, numbers.count));
    for (size_t i = 0; i < numbers.count; ++i) numbers.row(i)[k] -= static_cast<float>(mean);
  }
}

}  // namespace

Result<FormMatches> match_by_forms(CloudRows& form_rows, const LayerPairs& forms, CloudRows& rows,
                                   const LayerPairs& clouds, KnownNumbers known) {
  auto of_suspect =
      numbers_of([&](size_t layer) { return form_rows.of_suspect(layer, Part::all); },
                 layers_of(forms, &LayerPair::first),
                 [&](size_t layer) { return rows.of_suspect(layer, Part::fitted); },
                 layers_of(clouds, &LayerPair::first), rows.threads, known.of_suspect);
  if (!of_suspect) return std::move(of_suspect).error();
  auto of_release = numbers_of(
      [&](size_t layer) { return form_rows.of_release(layer); },
      layers_of(forms, &LayerPair::second), [&](size_t layer) { return rows.of_release(layer); },
      layers_of(clouds, &LayerPair::second), rows.threads, known.of_release);
  if (!of_release) return std::move(of_release).error();
  FormMatches out;
  for (size_t c = 0; c < clouds.size(); ++c) {
    const Whitening whitening((*of_release)[c]);
    const Rows release = whitening.of((*of_release)[c]);
    Rows suspect = whitening.of((*of_suspect)[c]);
    auto pairs = nearest_by_distance(suspect, release, kRatio, rows.threads);
    centre(suspect);
    auto centred = nearest_by_distance(suspect, release, kRatio, rows.threads);
    out.push_back(std::move(centred.size() > pairs.size() ? centred : pairs));
  }
  return out;
}

}  // namespace wmk::neurons
