#include "lineage/model/vector_source.h"

namespace wmk::lineage {

namespace {

// Of sampled columns, whole stored rows are read if that is at most so many bytes for each run:
// about what a call costs.
constexpr uint64_t kBytesOfCall = 4096;
// Rows are read instead of columns if the basis keeps at most one coordinate of so many.
constexpr size_t kFewKept = 4;

}  // namespace

bool is_columns(const checkpoint::View& view) {
  return view.unit_stride == 1 && view.coordinate_stride > 1;
}

bool has_few_rows(const VectorSource& source) {
  return source.basis && source.basis->kind == BasisKind::signed_permutation &&
         source.view.run == 0 && is_columns(source.view) &&
         source.basis->to * kFewKept <= source.basis->from;
}

bool is_behind_network(const Side& side) {
  const auto& files = side.checkpoint->files();
  return !files.empty() && files.front().source() && files.front().source()->is_remote();
}

bool are_columns_close(const VectorSource& source, std::span<const NeuronRun> runs) {
  const checkpoint::Checkpoint& checkpoint = *source.side->checkpoint;
  const auto& tensor = checkpoint.tensors()[source.view.tensor];
  if (source.view.run != 0 || !is_columns(source.view) || tensor.encoding) return false;
  // Behind a URL, each run would fetch the whole matrix.
  return checkpoint.files()[tensor.file].source() != nullptr ||
         source.view.coordinate_stride * checkpoint::bits(tensor.dtype) / 8 <=
             kBytesOfCall * runs.size();
}

const float* norm_of(const VectorSource& source) {
  const auto* weight = source.norm_weight;
  return weight && weight->size() == source.side->width() ? weight->data() : nullptr;
}

}  // namespace wmk::lineage
