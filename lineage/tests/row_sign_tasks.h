// What T1 reads: heads and blocks of neurons of corresponding layers, all of them or every n-th.
//
// Lifetime: tasks refer to the models and to the orders beside them. Thread-safety: pure functions.
#pragma once

#include <tuple>

#include "lineage/align/head_matching.h"
#include "lineage/align/layer_map.h"

namespace wmk::lineage {

// One key/value head, or some neurons.
struct RowSignTask {
  const checkpoint::AttentionLayer *suspect = nullptr, *reference = nullptr;
  uint64_t head = 0;
  const checkpoint::UnitGroup* suspect_neurons = nullptr;
  const checkpoint::UnitGroup* reference_neurons = nullptr;
  uint64_t first = 0, count = 0;
  const HeadOrder* order = nullptr;
  uint64_t layer = 0;  // of the reference: the first of its copies

  // Tasks of copies have the same place.
  std::tuple<bool, uint64_t, uint64_t, uint64_t> place() const {
    return {suspect != nullptr, layer, head, first};
  }
};

struct RowSignTasks {
  std::vector<RowSignTask> all;
  std::vector<size_t> layer_ends;                  // in `all`, before thinning out
  double vectors = 0;                              // of either model, before thinning out
  std::vector<HeadOrder> orders;                   // of the heads of each pair of layers
  std::string attention_missing, up_down_missing;  // why a family cannot be compared
  std::string sampled;                             // which part was kept; empty: all
  size_t moved = 0;                                // layers whose heads are in another order
};

// Keeps the tasks of whole layers, about one in `step`, and says so. Over a network, a block of
// neurons costs its whole down projection, because their columns are strewn over it. Fewer layers
// are a part of more layers, since their number is a power of two.
std::string keep_layers(size_t step, RowSignTasks& tasks);

Result<RowSignTasks> row_sign_tasks(const ModelPair& pair, const Basis& basis,
                                    const std::vector<LayerPair>& layers,
                                    const LayerClusters* copies);

}  // namespace wmk::lineage
