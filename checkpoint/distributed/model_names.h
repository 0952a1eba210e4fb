// Which tensors of a checkpoint of training are the model's.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "checkpoint/distributed/metadata.h"

namespace wmk::checkpoint {

// Drops tensors below a key such as "optimizer" or "optim"; how many.
uint64_t drop_optimizer(std::vector<DistributedTensor>& tensors);

// Drops the first segment of all names ("app.") while they share one that only groups.
void drop_common_wrapper(std::vector<DistributedTensor>& tensors);

}  // namespace wmk::checkpoint
