#include "lineage/catalogue.h"

#include "lineage/align/layer_map.h"
#include "lineage/tests/biases.h"
#include "lineage/tests/expert_neurons.h"
#include "lineage/tests/expert_order.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

namespace {

// If both models repeat whole layers, signs are not independent on either side: no exact p.
Status check_repeated_layers(const ModelPair& pair, std::vector<TestResult>& tests) {
  auto suspect = repeats_layers(pair.suspect);
  if (!suspect) return std::move(suspect).error();
  if (!*suspect) return {};
  auto reference = repeats_layers(pair.reference);
  if (!reference) return std::move(reference).error();
  if (!*reference) return {};
  for (TestResult& test : tests) {
    if (test.kind != EvidenceKind::exact || test.has_floor) continue;
    test.kind = EvidenceKind::none;
    test.log10_p.reset();
    test.outcome = Outcome::soft;
    test.note += "; both models repeat whole layers, so there is no exact p";
  }
  return {};
}

Status run_row_signs(const Setting& s) {
  auto found = row_signs(s.pair, s.basis, s.out.layers);
  if (!found) return std::move(found).error();
  for (TestResult& test : row_sign_results(*found, s.basis)) s.out.tests.push_back(std::move(test));
  return {};
}

Status run_expert_neurons(const Setting& s) {
  auto found = expert_neurons(s.pair, s.basis, s.out.layers, s.shared.repeated);
  if (!found) return std::move(found).error();
  for (TestResult& test : expert_neuron_results(*found, s.basis)) {
    s.out.tests.push_back(std::move(test));
  }
  s.out.shares = std::move(found->shares);
  return {};
}

Status run_expert_order(const Setting& s) {
  auto found = expert_order(s.pair, s.basis, s.out.layers, s.shared.repeated);
  if (!found) return std::move(found).error();
  if (auto test = expert_order_result(*found, s.basis)) s.out.tests.push_back(*std::move(test));
  return {};
}

Status run_norm_weights(const Setting& s) {
  s.out.tests.push_back(s.shared.norm_weights);
  return {};
}

Status run_biases(const Setting& s) {
  for (TestResult& test : bias_results(bias_signs(s.pair, s.out.layers), s.basis)) {
    s.out.tests.push_back(std::move(test));
  }
  return {};
}

// What is run in each basis. A new test is a file and a line here.
constexpr Status (*kCatalogue[])(const Setting&) = {run_row_signs, run_norm_weights, run_biases,
                                                    run_expert_neurons, run_expert_order};

}  // namespace

Status run_catalogue(const Setting& setting) {
  for (const auto test : kCatalogue) {
    if (auto status = test(setting); !status) return status;
  }
  return check_repeated_layers(setting.pair, setting.out.tests);
}

}  // namespace wmk::lineage
