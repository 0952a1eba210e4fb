// The content of the answer of `inspect`.
//
// Purpose: gathers the numbers once, for text and for JSON. Lifetime: refers to the model.
// Thread-safety: one thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "checkpoint/text/notices.h"
#include "cli/inputs.h"
#include "embed/mark/site_plan.h"
#include "embed/scheme/strength.h"

namespace wmk::cli {

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

struct InspectView {
  const OpenedModel& model;
  std::string path;
  bool list_tensors = false;
  embed::MarkPlan plan;
  embed::SitePlans sites;
  checkpoint::Notices notices;
  std::map<std::string, Counts> by_role, by_type;
  Counts all;
  // Parameters used per token: all except routed experts that are not chosen. None: the number of
  // chosen experts is not known.
  std::optional<uint64_t> active;
  // The output head is the embedding: it has no bytes of its own.
  bool tied = false;

  InspectView(const OpenedModel& model, std::string path, bool list_tensors, embed::MarkPlan plan,
              embed::SitePlans sites, checkpoint::Notices notices);

  std::string json() const;
  std::string text() const;

 private:
  std::string head_text() const;
};

// "ffn_up", or "unrecognised"; "BF16", or the name of the encoding.
std::string role_name(const std::optional<checkpoint::Role>& role);
std::string type_name(const checkpoint::Tensor& tensor);

}  // namespace wmk::cli
