#include "lineage/catalogue.h"

#include "base/text.h"
#include "lineage/circuits/circuit_agreement.h"
#include "lineage/tests/biases.h"
#include "lineage/tests/expert_neurons.h"
#include "lineage/tests/expert_order.h"
#include "lineage/tests/folded_norms.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

namespace {

constexpr std::string_view kRepeated = "both models repeat whole layers";
constexpr std::string_view kOffset = "a constant is added behind up, so that signs are not free";

const LayerClusters* copies_of(const Setting& s) {
  return s.shared.copied_layers ? &*s.shared.copied_layers : nullptr;
}

void take_exactness(TestResult& test, std::string_view why) {
  if (test.kind != EvidenceKind::exact) return;
  test.kind = EvidenceKind::none;
  test.log10_p.reset();
  test.outcome = Outcome::soft;
  test.note += cat("; ", why, ", so there is no exact p");
}

// Of the model whose signs are tested: its neurons' signs must be coins.
bool are_coins(const Setting& s) {
  const bool of_suspect = sign_side_of(s.shared.repeated) == SignSide::suspect;
  return has_free_neuron_signs(of_suspect ? s.pair.suspect : s.pair.reference);
}

// Signs of neurons are tested only where turning them changes nothing.
void add_neuron_test(const Setting& s, TestResult test) {
  if (test.family == TensorFamily::feed_forward && !are_coins(s)) take_exactness(test, kOffset);
  s.out.tests.push_back(std::move(test));
}

Status run_row_signs(const Setting& s) {
  auto found = row_signs(s.pair, s.basis, s.out.layers, copies_of(s));
  if (!found) return std::move(found).error();
  const bool both = s.shared.repeated.suspect && s.shared.repeated.reference;
  for (TestResult& test : row_sign_results(*found, s.basis)) {
    if (both && test.family == TensorFamily::feed_forward) {
      take_exactness(test, "both models contain copies of their own neurons");
    }
    add_neuron_test(s, std::move(test));
  }
  return {};
}

Status run_expert_neurons(const Setting& s) {
  auto found = expert_neurons(s.pair, s.basis, s.out.layers, s.shared.repeated, copies_of(s));
  if (!found) return std::move(found).error();
  for (TestResult& test : expert_neuron_results(*found, s.basis)) {
    add_neuron_test(s, std::move(test));
  }
  s.out.shares = std::move(found->shares);
  return {};
}

Status run_expert_order(const Setting& s) {
  auto found = expert_order(s.pair, s.basis, s.out.layers, s.shared.repeated);
  if (!found) return std::move(found).error();
  auto test = expert_order_result(*found, s.basis);
  if (test && copies_of(s)) take_exactness(*test, kRepeated);
  if (test) add_neuron_test(s, *std::move(test));
  return {};
}

Status run_norm_weights(const Setting& s) {
  s.out.tests.push_back(s.shared.norm_weights);
  auto folded = folded_norm_result(s.pair, s.basis, s.out.layers);
  if (!folded) return std::move(folded).error();
  s.out.tests.push_back(*std::move(folded));
  return {};
}

Status run_biases(const Setting& s) {
  for (TestResult& test : bias_results(bias_signs(s.pair, s.out.layers), s.basis)) {
    if (copies_of(s)) take_exactness(test, kRepeated);
    s.out.tests.push_back(std::move(test));
  }
  return {};
}

Status run_circuits(const Setting& s) {
  const size_t width = s.pair.reference.width();
  bool coins = s.basis.kind == BasisKind::identity && (has_free_coordinate_signs(s.pair.suspect) ||
                                                       has_free_coordinate_signs(s.pair.reference));
  // Layers of different depths were matched by Gram matrices at these coordinates.
  std::span<const size_t> taken;
  if (coins && !s.shared.layers_by_number) taken = s.shared.coordinates;
  coins = coins && taken.size() < width;
  const auto coordinates =
      circuit_coordinates(width, s.pair.seed, coins ? taken : std::span<const size_t>());
  auto found = circuit_agreement(s.pair, s.basis, s.out.layers, coordinates);
  if (!found) return std::move(found).error();
  s.out.tests.push_back(circuit_result(*found, s.basis, coins));
  return {};
}

// What is run in each basis. A new test is a file and a line here.
constexpr Status (*kCatalogue[])(const Setting&) = {run_row_signs,    run_norm_weights,
                                                    run_biases,       run_expert_neurons,
                                                    run_expert_order, run_circuits};

}  // namespace

Status run_catalogue(const Setting& setting) {
  for (const auto test : kCatalogue) {
    if (auto status = test(setting); !status) return status;
  }
  return {};
}

}  // namespace wmk::lineage
