// What is in a checkpoint, and how strong a mark can it carry? (specs/mark.md 5)
//
// Thread-safety: calls may run concurrently.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "weightmark/model.h"
#include "weightmark/result.h"

namespace weightmark {

// What one site can carry at the automatic strength: "ffn", "heads", "output".
struct SiteCapacity {
  std::string site;
  std::string not_marked;  // the reason; empty: it can carry a mark
  double expected_z = 0;   // of all shares, in an untouched copy
};

struct TensorInfo {
  std::string name, dtype;  // "BF16", or the name of a quantisation
  std::vector<uint64_t> shape;
  std::string file, role;  // "ffn_up"; "unrecognised": it is not read
};

// Tensors of one role or type.
struct TensorCount {
  std::string name;
  uint64_t tensors = 0, elements = 0, bytes = 0;  // as stored
};

// Attention heads. Of one layer, where all layers have the same: query_heads to value_size.
struct HeadInfo {
  uint64_t layers = 0, count = 0, weights = 0;  // that can be read, of all layers
  std::optional<uint64_t> query_heads, kv_heads, value_size;
  std::string missing;  // why no layer is read; empty: some are
};

// A line in the folder that says where the model comes from; anybody can write one.
struct Notice {
  std::string kind, file;  // "licence", "LICENSE"
  uint64_t line = 0;       // from 1
  std::string text;
};

// What cannot be read and therefore not be marked: a damaged layer, the heads of one.
struct Skipped {
  std::string part;  // "layer 3, expert 1", "layer 3, heads"
  std::string reason;
};

struct Inspection {
  std::string format;      // "safetensors"
  std::string family;      // whose names and shapes it has: "llama"
  std::string model_type;  // of config.json
  std::string quantisation;
  uint64_t files = 0, bytes = 0;
  uint64_t parameters = 0;
  std::optional<uint64_t> active_parameters;  // per token; none: not known
  uint64_t layers = 0, width = 0;
  uint64_t experts = 0;  // routed
  std::optional<uint64_t> experts_per_token, context;
  uint64_t vocabulary = 0;  // rows of the embedding
  std::string labels;       // the file that names its rows, or "ids"
  uint64_t named_tokens = 0;
  bool tied_embeddings = false, gated = false;
  uint64_t units = 0;  // neurons that can be read
  HeadInfo heads;

  uint64_t weights = 0;  // of these neurons
  double strength = 0;   // automatic: relative change of each vector
  unsigned shares = 0;
  uint64_t output_rows = 0, output_pairs = 0;
  std::vector<SiteCapacity> sites;

  std::vector<TensorInfo> tensors;
  std::vector<TensorCount> roles, dtypes;
  std::vector<Skipped> skipped;
  std::vector<Notice> notices;
  bool notices_cut = false;  // there are more
  std::vector<std::string> notes;
};

// The numbers of `weightmark inspect --json`. Errors: reading; a model whose tensors are not
// understood, or in which no site can carry a mark.
[[gnu::visibility("default")]] Result<Inspection> inspect(const Model& model);

}  // namespace weightmark
