// Sizes and SHA-256 digests of the files of a model, for pages.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "cli/inputs.h"
#include "library/models/file_digest.h"

namespace wmk::cli {

using library::digests_of_files;
using library::FileDigest;

// The weights files in their order, then configuration and tokenizer files if there are any.
Result<std::vector<FileDigest>> file_digests(const ModelView& model, unsigned threads,
                                             Progress* progress);

// Configuration and tokenizer files of a folder, those that are there and stay inside.
std::vector<std::filesystem::path> companion_paths(const std::filesystem::path& folder);

// SHA-256 of what a result depends on beside the weights; empty where there is none.
struct InputDigests {
  std::string tokenizer;  // the file
  std::string embedding;  // the bytes of the tensor as it is read
  std::string adapter_config, record, naming;
  std::string program;  // the file that runs
};

// Paths as given by the user; empty: not given. `program`: kOwnProgram where it is to be stated.
struct InputPaths {
  std::string model, base, record, naming, program;
  bool has_embedding = true;  // its digest is wanted, too
};
inline constexpr const char* kOwnProgram = "/proc/self/exe";
Result<InputDigests> input_digests(const ModelView& model, const InputPaths& paths);
// "  tokenizer sha256 ...": a line for each, but for the program's.
std::string digest_lines(const InputDigests& digests);

}  // namespace wmk::cli
