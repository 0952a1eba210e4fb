#include "neurons/carry/form_match.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "mpi/shared_tasks.h"
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

// What is to be computed on one side: numbers of rows of `clouds` under `forms`.
struct Wanted {
  const char* stage;
  std::function<Result<Rows>(size_t layer)> read_form, read_cloud;
  std::vector<size_t> forms, clouds;
};

// Adds to `known` what is missing, with one form in memory at a time.
Status add_numbers(const Wanted& wanted, const CloudRows& rows, NumbersByLayers& known) {
  std::map<size_t, std::set<size_t>> missing;  // clouds by form
  for (const size_t form : wanted.forms) {
    for (const size_t cloud : wanted.clouds) {
      if (!known.contains({form, cloud})) missing[form].insert(cloud);
    }
  }
  if (missing.empty()) return {};
  std::vector<std::vector<Rows>> made(missing.size());
  Steps stage(rows.progress, wanted.stage, made.size());
  Status status = mpi::for_tasks(rows.is_shared, 1, made, [&](size_t i) -> Status {
    const auto& [layer, clouds] = *std::next(missing.begin(), static_cast<std::ptrdiff_t>(i));
    const auto form = form_from(wanted.read_form(layer), rows.threads);
    if (!form) return form.error();
    for (const size_t cloud : clouds) {
      const auto of_cloud = wanted.read_cloud(cloud);
      if (!of_cloud) return of_cloud.error();
      made[i].push_back(values_under(*form, *of_cloud, rows.threads));
    }
    stage.advance();
    return {};
  });
  if (!status) return status;
  auto of_form = made.begin();
  for (const auto& [form, clouds] : missing) {
    auto numbers = of_form++->begin();
    for (const size_t cloud : clouds) known[{form, cloud}] = std::move(*numbers++);
  }
  return {};
}

Result<Numbers> numbers_of(const Wanted& wanted, const CloudRows& rows, NumbersByLayers& known) {
  if (Status status = add_numbers(wanted, rows, known); !status) {
    return std::move(status).error();
  }
  Numbers out(wanted.clouds.size());
  for (size_t f = 0; f < wanted.forms.size(); ++f) {
    for (size_t c = 0; c < out.size(); ++c) {
      store(known.at({wanted.forms[f], wanted.clouds[c]}), f, wanted.forms.size(), out[c]);
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
  auto of_suspect = numbers_of(
      {"forms of the suspect", [&](size_t layer) { return form_rows.of_suspect(layer, Part::all); },
       [&](size_t layer) { return rows.of_suspect(layer, Part::fitted); },
       layers_of(forms, &LayerPair::first), layers_of(clouds, &LayerPair::first)},
      rows, known.of_suspect);
  if (!of_suspect) return std::move(of_suspect).error();
  auto of_release =
      numbers_of({"forms of the release", [&](size_t layer) { return form_rows.of_release(layer); },
                  [&](size_t layer) { return rows.of_release(layer); },
                  layers_of(forms, &LayerPair::second), layers_of(clouds, &LayerPair::second)},
                 rows, known.of_release);
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
