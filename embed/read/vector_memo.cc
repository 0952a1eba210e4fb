#include "embed/read/vector_memo.h"

#include <functional>
#include <string_view>

namespace wmk::embed {

VectorMemo::Key VectorMemo::key_of(const checkpoint::View& view, size_t vectors,
                                   std::span<const float> norm_weight) {
  const std::string_view bytes(reinterpret_cast<const char*>(norm_weight.data()),
                               norm_weight.size_bytes());
  return {view.tensor,
          view.first,
          view.unit_stride,
          view.run,
          view.run_stride,
          vectors,
          std::hash<std::string_view>()(bytes)};
}

bool VectorMemo::find(const checkpoint::View& view, size_t vectors,
                      std::span<const float> norm_weight, ProjectedVectors& out) {
  const Key key = key_of(view, vectors, norm_weight);
  const std::lock_guard lock(mutex_);
  const auto at = kept_.find(key);
  if (at == kept_.end()) return false;
  out = at->second;
  return true;
}

void VectorMemo::keep(const checkpoint::View& view, size_t vectors,
                      std::span<const float> norm_weight, const ProjectedVectors& projected) {
  const Key key = key_of(view, vectors, norm_weight);
  const size_t bytes = projected.y.size() * sizeof(float);
  const std::lock_guard lock(mutex_);
  if (bytes_ + bytes > kVectorMemoBytes) return;
  if (kept_.emplace(key, projected).second) bytes_ += bytes;
}

}  // namespace wmk::embed
