// A digest of every tensor, to find the tensors that differ when files differ.
//
// Purpose: the table does not depend on the files that contain the tensors: a re-sharded model has
// the same table. Digests are SHA-256 over the stored bytes.
// Lifetime: plain values. Thread-safety: one caller.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "checkpoint/checkpoint.h"

namespace wmk::sign {

struct TensorDigest {
  std::string name;
  std::string dtype;
  std::vector<uint64_t> shape;
  Bytes digest;
  bool operator==(const TensorDigest&) const = default;
};

// Sorted by name. `progress` may be null. `is_shared`: (all) processes of mpirun share the work.
Result<std::vector<TensorDigest>> tensor_table(const checkpoint::Checkpoint& model,
                                               unsigned threads, Progress* progress,
                                               bool is_shared = false);

struct TensorComparison {
  uint64_t same = 0;
  std::vector<std::string> differs, missing, extra;  // names

  bool equal() const { return differs.empty() && missing.empty() && extra.empty(); }
};

// Both tables must be sorted by name.
TensorComparison compare_tensors(const std::vector<TensorDigest>& signed_table,
                                 const std::vector<TensorDigest>& found);

}  // namespace wmk::sign
