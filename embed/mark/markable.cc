// What `embed` takes: weights that are stored as plain numbers.
#include "base/text.h"
#include "embed/mark/embedder.h"

namespace wmk::embed {

namespace {

// A unit is one thing, marked with one strength: its vectors are rounded alike.
Status same_type(const checkpoint::Checkpoint& checkpoint, const checkpoint::UnitGroup& group) {
  const checkpoint::Tensor& up = checkpoint.tensors()[group.up.tensor];
  for (const auto& view : {group.gate.value_or(group.up), group.down}) {
    const checkpoint::Tensor& other = checkpoint.tensors()[view.tensor];
    if (other.dtype == up.dtype) continue;
    return Error(ErrorCode::unsupported,
                 cat("tensors '", escaped(up.name), "' and '", escaped(other.name),
                     "' belong to the same units and are of two types, ", name(up.dtype), " and ",
                     name(other.dtype)))
        .with_hint("save the checkpoint in one type, for instance bf16, and mark that");
  }
  return {};
}

}  // namespace

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
    if (status) status = same_type(checkpoint, group);
    if (!status) return status;
  }
  return {};
}

}  // namespace wmk::embed
