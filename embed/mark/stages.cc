#include "embed/mark/stages.h"

#include <algorithm>

namespace wmk::embed {

using checkpoint::Checkpoint;

std::vector<size_t> files_of(const Checkpoint& checkpoint, const checkpoint::UnitGroup& group) {
  const auto& tensors = checkpoint.tensors();
  std::vector<size_t> out = {tensors[group.up.tensor].file, tensors[group.down.tensor].file};
  if (group.gate) out.push_back(tensors[group.gate->tensor].file);
  return out;
}

std::vector<size_t> files_of(const Checkpoint& checkpoint, const checkpoint::HeadLayer& layer) {
  const auto& tensors = checkpoint.tensors();
  return {tensors[layer.v.tensor].file, tensors[layer.o.tensor].file};
}

std::vector<Stage> stages_of(const Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                             bool ffn, bool heads) {
  const size_t files = checkpoint.files().size();
  std::vector<Stage> stages(files + 1);
  std::vector<size_t> last(files);  // by file: the stage that completes it
  for (size_t f = 0; f < files; ++f) {
    stages[f].files.push_back(f);
    last[f] = f;
  }
  for (size_t g = 0; ffn && g < anatomy.groups.size(); ++g) {
    const auto of_group = files_of(checkpoint, anatomy.groups[g]);
    stages[*std::min_element(of_group.begin(), of_group.end())].groups.push_back(g);
  }
  for (size_t l = 0; heads && l < anatomy.heads.layers.size(); ++l) {
    const auto of_layer = files_of(checkpoint, anatomy.heads.layers[l]);
    const size_t stage = *std::max_element(of_layer.begin(), of_layer.end()) + 1;
    stages[stage].head_layers.push_back(l);
    for (const size_t f : of_layer) last[f] = std::max(last[f], stage);
  }
  for (size_t f = 0; f < files; ++f) stages[last[f]].finished.push_back(f);
  return stages;
}

}  // namespace wmk::embed
