// Neurons of next to no strength beside the others of their layer.
//
// Purpose: whoever adds neurons that change nothing can give them next to no strength; they must
// not take part in searches. |up| |down| is changed by no scale. Thread-safety: belongs to one
// worker.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wmk::lineage {

// The strengths |up| |down| of some neurons.
class NeuronStrengths {
 public:
  explicit NeuronStrengths(size_t count) : log2_(count) {}
  // Rows of `width` numbers, one for each neuron: first all up rows, then all down columns.
  void add(std::span<const float> rows, size_t width);
  // For each neuron: is its strength under 1/256 of the typical one? Half of all strength is in
  // neurons at least that strong.
  std::vector<bool> are_weak() const;

 private:
  std::vector<double> log2_;
};

}  // namespace wmk::lineage
