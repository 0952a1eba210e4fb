// Writing a marked copy of a model (specs/mark.md).
//
// Thread-safety: each call starts its own workers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "weightmark/key.h"
#include "weightmark/model.h"
#include "weightmark/run.h"

namespace weightmark {

struct EmbedOptions {
  std::string record = {};                         // where to write it; empty: OUT.mark
  std::optional<double> strength = std::nullopt;   // relative change; none: automatic
  std::optional<unsigned> shares = std::nullopt;   // 1 to 4; none: automatic
  std::string sites = "ffn,heads,output";          // those of them that the model has
  std::string licensee = {};                       // the mark of this licensee, not of the owner
  std::vector<std::string> copy = {}, leave = {};  // other files of the folder to copy or leave out
  bool allow_skipped = false;                      // even if more than 5 % of the units are skipped
  bool replace = false;                            // an existing output
  // Keeps a journal of finished shards, and goes on where such a run was interrupted.
  bool resume = false;
};

struct Marked {
  std::string key;     // fingerprint
  std::string record;  // its path; empty in memory
  double strength = 0;
  unsigned shares = 0;
  double expected_z = 0;           // of an untouched copy: all shares, all weights of the FFN
  double z = 0;                    // of the FFN's weights read back; reading stops at 27.5
  double relative_change = 0;      // of the weights that changed
  std::vector<std::string> sites;  // that were marked
  uint64_t weights = 0, skipped_units = 0;
  uint64_t bytes_written = 0;
  double seconds = 0;
};

// Writes a copy to `out`, which appears complete or not at all. Errors: reading; a model that
// cannot be marked; an output that exists; a mark that is not found again; `cancelled`.
[[gnu::visibility("default")]] Result<Marked> embed(const Model& model, const Key& key,
                                                    const std::string& out,
                                                    const EmbedOptions& options = {},
                                                    const Run& run = {});

// Changes `model.tensors` where they are; `model.path` has config and tokenizer. The same bytes as
// embed() writes. If `options.record` is set, the record is written. On an Error the tensors may
// already have changed in part.
[[gnu::visibility("default")]] Result<Marked> embed_in_place(const Model& model, const Key& key,
                                                             const EmbedOptions& options = {},
                                                             const Run& run = {});

}  // namespace weightmark
