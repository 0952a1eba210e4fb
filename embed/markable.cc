// What `embed` takes: weights that are stored as plain numbers.
#include "base/text.h"
#include "embed/embedder.h"

namespace wmk::embed {

Status check_markable(const checkpoint::Checkpoint& checkpoint,
                      const checkpoint::Anatomy& anatomy) {
  if (auto status = checkpoint::check_markable(checkpoint); !status) return status;
  const auto check = [&](const checkpoint::View& view) -> Status {
    const checkpoint::Tensor& tensor = checkpoint.tensors()[view.tensor];
    if (!tensor.encoding) return {};
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(tensor.name), "': ", tensor.encoding->name(),
                     " weights are read, but cannot be marked"))
        .with_hint("mark the checkpoint before it is quantised");
  };
  for (const auto& group : anatomy.groups) {
    Status status = group.gate ? check(*group.gate) : Status();
    if (status) status = check(group.up);
    if (status) status = check(group.down);
    if (!status) return status;
  }
  return {};
}

}  // namespace wmk::embed
