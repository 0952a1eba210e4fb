#include "lineage/forensics/soft_panel.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/forensics/spectra.h"
#include "lineage/model/layer_matrices.h"
#include "lineage/model/row_cosines.h"
#include "lineage/model/token_table.h"
#include "lineage/model/vector_source.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;

// Of a matrix, rows in evenly spread blocks.
struct RowSample {
  uint64_t at_once = 128, most = 1024;
};
constexpr RowSample kOfNetwork{16, 128};

// Of rows as stored, where they are: columns would take the whole matrix.
Result<double> deviation(const Side& side, const checkpoint::View& view, uint64_t units) {
  const StoredRows matrix =
      stored_rows(view, units, side.width()).value_or(StoredRows{view, units, side.width()});
  const RowSample sample = is_behind_network(side) ? kOfNetwork : RowSample();
  double sum = 0, squares = 0, count = 0;
  const uint64_t blocks = (matrix.rows + sample.at_once - 1) / sample.at_once;
  const uint64_t step = (blocks * sample.at_once + sample.most - 1) / sample.most;
  for (uint64_t block = 0; block < blocks; block += step) {
    const uint64_t first = block * sample.at_once;
    auto values =
        matrix.read(*side.checkpoint, first, std::min(sample.at_once, matrix.rows - first));
    if (!values) return std::move(values).error();
    for (const float value : *values) {
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    count += static_cast<double>(values->size());
  }
  return std::sqrt(std::max(0.0, squares / count - sum / count * sum / count));
}

std::vector<double> resampled(const std::vector<double>& curve, size_t count) {
  std::vector<double> out(count);
  for (size_t i = 0; i < count; ++i) {
    const double at = count > 1 ? static_cast<double>(i) * static_cast<double>(curve.size() - 1) /
                                      static_cast<double>(count - 1)
                                : 0;
    const auto low = std::min(static_cast<size_t>(at), curve.size() - 1);
    const size_t high = std::min(low + 1, curve.size() - 1);
    out[i] = curve[low] + (at - static_cast<double>(low)) * (curve[high] - curve[low]);
  }
  return out;
}

TestResult soft(std::string_view name, std::string_view statistic, double value,
                std::string_view why, Background background) {
  TestResult out;
  out.name = name;
  out.statistic = statistic;
  out.value = value;
  out.null = "none: never scored";
  out.outcome = Outcome::soft;
  out.note = why;
  out.background = std::move(background);
  return out;
}

// Nothing if no two norms have equal width.
std::optional<double> norm_cosine(const ModelPair& pair) {
  const auto &a = pair.reference.attention.layers, &b = pair.suspect.attention.layers;
  double sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].norm_weight.empty() || a[i].norm_weight.size() != b[i].norm_weight.size()) continue;
    sum += cosine(a[i].norm_weight.data(), b[i].norm_weight.data(), a[i].norm_weight.size());
    ++count;
  }
  return count ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

}  // namespace

Result<SigmaCurves> sigma_curves(const Side& side, unsigned threads) {
  const auto& form = side.attention;
  const uint64_t queries = form.heads * form.head_size, keys = form.kv_heads * form.head_size;
  SigmaCurves out;
  for (auto& curve : out.of) curve.resize(form.layers.size());
  auto status = parallel_for(form.layers.size(), threads, [&](size_t i, unsigned) -> Status {
    const AttentionLayer& layer = form.layers[i];
    const std::pair<const checkpoint::View*, uint64_t> parts[] = {
        {&layer.q, queries}, {&layer.k, keys}, {&layer.v, keys}, {&layer.o, queries}};
    for (size_t part = 0; part < 4; ++part) {
      auto found = deviation(side, *parts[part].first, parts[part].second);
      if (!found) return std::move(found).error();
      out.of[part][i] = *found;
    }
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

double curve_correlation(const SigmaCurves& a, const SigmaCurves& b) {
  double sum = 0;
  for (size_t part = 0; part < 4; ++part) {
    if (a.of[part].empty() || b.of[part].empty()) return 0;
    const size_t count = std::max(a.of[part].size(), b.of[part].size());
    sum += stats::correlation(resampled(a.of[part], count), resampled(b.of[part], count)) / 4;
  }
  return sum;
}

SharedSettings shared_settings(const checkpoint::Config& a, const checkpoint::Config& b) {
  SharedSettings out;
  const auto count = [&out](bool both, bool equal) {
    out.named += both;
    out.equal += both && equal;
  };
  using checkpoint::Config;
  for (const auto field : {&Config::hidden_size, &Config::layers, &Config::vocabulary,
                           &Config::experts, &Config::experts_per_token, &Config::context,
                           &Config::heads, &Config::kv_heads, &Config::head_size}) {
    count(a.*field && b.*field, a.*field == b.*field);
  }
  count(a.tied_embeddings && b.tied_embeddings, a.tied_embeddings == b.tied_embeddings);
  count(!a.model_type.empty() && !b.model_type.empty(), a.model_type == b.model_type);
  return out;
}

namespace {

Status add_curves(const ModelPair& pair, SoftPanel& out) {
  auto b = sigma_curves(pair.suspect, pair.threads);
  if (!b) return std::move(b).error();
  auto a = sigma_curves(pair.reference, pair.threads);
  if (!a) return std::move(a).error();
  out.suspect = *std::move(b);
  out.reference = *std::move(a);
  out.tests.push_back(soft(
      "T8 sigma curves", "mean correlation of the standard deviations of q, k, v, o over depth",
      curve_correlation(out.suspect, out.reference),
      "unrelated models reach .91: all deep models share a trend over depth, so that curves of few "
      "points correlate anyway",
      {-.03, .91,
       "Gemma 3 270M and SmolLM2-135M: -.03; published for deepseek-llm-7b and llama-2-7b: .91; "
       "random models with one trend: .91 to .98 (specs/sigma_curves.md)"}));
  auto spectra = spectra_agreement(pair);
  if (!spectra) return std::move(spectra).error();
  if (spectra->matrices > 0) {
    out.tests.push_back(soft("T8 singular values", "mean correlation of spectra of q and v",
                             spectra->correlation,
                             "unrelated models reach .95 to .99: trained matrices have similar "
                             "spectra",
                             {.95, .99, "published; Gemma 3 270M and SmolLM2-135M: .98"}));
  }
  if (const auto cosine = norm_cosine(pair)) {
    out.tests.push_back(
        soft("T8 norm gains, raw", "mean cosine of the norm weights in front of attention", *cosine,
             "unrelated models reach .98 to .99: norm weights are positive and start at 1",
             {.98, .99, "pairs of Solar, GLM and Phi, layers 10, 20 and 30"}));
  }
  return {};
}

}  // namespace

Result<SoftPanel> soft_panel(const ModelPair& pair) {
  SoftPanel out;
  if (!pair.suspect.attention.layers.empty() && !pair.reference.attention.layers.empty()) {
    if (auto status = add_curves(pair, out); !status) return std::move(status).error();
  }
  const SharedSettings settings = shared_settings(*pair.suspect.config, *pair.reference.config);
  if (settings.named > 0) {
    out.tests.push_back(
        soft("T8 configuration", "share of equal settings among those that both models name",
             static_cast<double>(settings.equal) / static_cast<double>(settings.named),
             cat(settings.equal, " of ", settings.named,
                 " settings; unrelated models reach 1: few "
                 "sizes are in use, and models of one recipe share all of them"),
             {0, 1, "models of one recipe with different seeds have equal settings"}));
  }
  const TokenTable tokens = match_tokens(*pair.suspect.vocabulary, *pair.reference.vocabulary);
  const auto size = static_cast<double>(pair.suspect.vocabulary->strings.size());
  if (!tokens.by_number && size > 0) {
    out.tests.push_back(
        soft("T8 tokenizer", "share of the suspect's tokens that the reference has",
             static_cast<double>(tokens.rows.size()) / size,
             "tokenizers are public and reused by unrelated models",
             {0, 1, "models of one recipe with different seeds share every token"}));
  }
  return out;
}

}  // namespace wmk::lineage
