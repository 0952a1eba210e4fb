#include "lineage/forensics/soft_panel.h"

#include <algorithm>

#include "base/text.h"
#include "lineage/forensics/spectra.h"
#include "lineage/model/row_cosines.h"
#include "lineage/model/token_table.h"

namespace wmk::lineage {

namespace {

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
