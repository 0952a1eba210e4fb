// What the fuzz targets share: a folder for inputs, and a function that reads all of a checkpoint.
//
// Purpose: inputs are opened in the same way as the files of users (Checkpoint::open), and then
// read by everything that uses a checkpoint: rules, labels, values, blocks. Lifetime: a Workbench
// owns its folder in TMPDIR; after a crash tests/fuzz/run.py removes it. Thread-safety: none;
// libFuzzer has one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "checkpoint/checkpoint.h"

namespace wmk::fuzz {

class Workbench {
 public:
  Workbench();
  Workbench(const Workbench&) = delete;
  ~Workbench();

  const std::filesystem::path& folder() const { return folder_; }
  // Writes `name` in the folder, replacing an older file.
  std::filesystem::path put(std::string_view name, std::string_view content) const;
  // Copies a file of tests/vectors into the folder.
  std::filesystem::path put_vector(std::string_view name, std::string_view vector) const;

 private:
  std::filesystem::path folder_;
};

inline std::string_view as_input(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// An input of two documents, separated by its first NUL byte.
std::pair<std::string_view, std::string_view> two_parts(std::string_view input);

// Reads what the commands read: config, anatomy, labels, norm weights, some values of every tensor
// and blocks of the first and last units.
void explore(const checkpoint::Checkpoint& checkpoint);

// Opens `path` and explores it; an Error is a valid result.
void open_and_explore(const std::filesystem::path& path);

}  // namespace wmk::fuzz
