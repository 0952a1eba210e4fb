// Joins the tensors of one name that the ranks of tensor parallelism hold.
//
// Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "checkpoint/ranks/split.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// Rows of q, k and v in the whole model, and how many of its heads k and v have.
struct QueryKeyValue {
  uint64_t heads = 0, kv_heads = 0;
};

struct RankTensors {
  std::string name;
  std::vector<Tensor> ranks;
  Split split = Split::unknown;
  std::optional<QueryKeyValue> attention;  // needed by Split::query_key_value
};

// None: it is not known how the tensor is cut, or (qkv) how many heads there are. Error: the parts
// do not fit.
Result<std::optional<Tensor>> join_ranks(RankTensors&& parts);

}  // namespace wmk::checkpoint
