// Collects the tensors of all ranks of a model, and joins them.
//
// Purpose: what the layouts of Megatron and vLLM have in common. Lifetime: owns the contents until
// take(). Thread-safety: one caller.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/contents.h"
#include "checkpoint/ranks/join.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kRanksMax = 1024;  // of tensor parallelism

class RankCollector {
 public:
  // `ranks` is their number, at most kRanksMax.
  RankCollector(std::string_view format, uint64_t ranks);

  // Tensors of one file of one rank; their Tensor::file is next_file().
  Status add(uint64_t rank, ReadFile&& file, std::vector<Tensor>&& tensors);
  uint32_t next_file() const { return static_cast<uint32_t>(contents_.files.size()); }
  void set_attention(QueryKeyValue attention) { attention_ = attention; }
  void note(std::string text) { contents_.notes.push_back(std::move(text)); }

  // Joins all tensors. Error: one is missing on a rank, or its parts do not fit.
  Status join();
  Contents take() { return std::move(contents_); }

 private:
  Split split_for(const std::string& name, const Tensor& tensor) const;

  uint64_t ranks_;
  Contents contents_;
  std::optional<QueryKeyValue> attention_;
  std::map<std::string, std::vector<std::optional<Tensor>>> parts_;  // by rank
};

}  // namespace wmk::checkpoint
