// Merges the tensors of an adapter into those of its base.
//
// Purpose: checks every tensor of the adapter against the base and makes the merged directory
// (specs/adapter.md 2). Lifetime: owns both contents; refers to the config. Thread-safety:
// none; one caller.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "checkpoint/adapter/config.h"
#include "checkpoint/adapter/gguf_lora.h"
#include "checkpoint/adapter/low_rank.h"
#include "checkpoint/adapter/names.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

class AdapterMerger {
 public:
  AdapterMerger(Contents base, Contents adapter, const AdapterConfig& config);
  // The adapter is a GGUF file; both arguments must outlive merge().
  void of_gguf(const GgufLora& lora, const Config& base_config);
  Status merge();
  // The merged model; after merge() only.
  Contents finish() &&;

 private:
  // The tensors of the adapter for one module.
  struct Module {
    const Tensor* a = nullptr;
    const Tensor* b = nullptr;
    const Tensor* magnitudes = nullptr;
    bool is_embedding = false;
    std::string base;
  };
  Status sort_names();
  Status replace_tensors();
  Status update_matrices();
  Status update(const std::string& name, const Module& module);
  Status restore_rows_of(const Module& module, LowRankUpdate& update) const;
  Result<bool> is_transposed(const Tensor& base, const Module& module) const;

  Contents base_, adapter_;
  const AdapterConfig& config_;
  const GgufLora* lora_ = nullptr;
  const Config* base_config_ = nullptr;
  BaseNames names_;
  std::map<std::string, Module> modules_;
  std::vector<std::pair<std::string, const Tensor*>> replacements_;
  std::vector<bool> is_updated_;  // by tensor of the base
};

}  // namespace wmk::checkpoint
