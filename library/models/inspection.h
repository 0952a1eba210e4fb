// What a checkpoint is, and how strong a mark it can carry.
//
// Purpose: the numbers of `inspect`, gathered once for the program and for the facade. Lifetime: an
// Inspection refers to the model. Thread-safety: one thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "checkpoint/text/notices.h"
#include "embed/mark/site_plan.h"
#include "embed/scheme/strength.h"
#include "library/models/open_model.h"

namespace wmk::library {

struct Counts {
  uint64_t tensors = 0;
  uint64_t elements = 0;
  uint64_t bytes = 0;
};

// Heads of attention: numbers of one layer, where all layers have the same.
struct HeadCounts {
  uint64_t layers = 0, heads = 0, weights = 0;  // of all layers
  std::optional<uint64_t> query_heads, kv_heads, value_size;

  explicit HeadCounts(const checkpoint::Anatomy& anatomy);
};

struct Inspection {
  const OpenedModel& model;
  embed::MarkPlan plan;  // at the automatic strength
  embed::SitePlans sites;
  checkpoint::Notices notices;
  std::map<std::string, Counts> by_role, by_type;
  Counts all;
  // Parameters used per token: all except routed experts that are not chosen. None: the number of
  // chosen experts is not known.
  std::optional<uint64_t> active;
  // The output head is the embedding: it has no bytes of its own.
  bool tied = false;

  Inspection(const OpenedModel& model, embed::MarkPlan plan, embed::SitePlans sites,
             checkpoint::Notices notices);
};

// Errors: reading; a model that cannot be marked.
Result<Inspection> inspect(const OpenedModel& model);

// "ffn_up", or "unrecognised"; "BF16", or the name of the encoding.
std::string role_name(const std::optional<checkpoint::Role>& role);
std::string type_name(const checkpoint::Tensor& tensor);

}  // namespace wmk::library
