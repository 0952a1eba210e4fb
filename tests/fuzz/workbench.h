// What the fuzz targets share: a folder that inputs are written to, and a long look at what opened.
//
// Purpose: inputs go through the doors that users' files go through (Checkpoint::open), and then on
// to everything that reads what was opened: rules, labels, values, blocks. Lifetime: a Workbench
// owns its folder, made in TMPDIR; a crash leaves it there, and tests/fuzz/run.py sweeps.
// Thread-safety: none; libFuzzer has one thread.
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
  // Writes `name` in the folder, over what it was.
  std::filesystem::path put(std::string_view name, std::string_view content) const;
  // Copies a file of tests/vectors into the folder.
  std::filesystem::path put_vector(std::string_view name, std::string_view vector) const;

 private:
  std::filesystem::path folder_;
};

inline std::string_view as_input(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// An input of two documents: what is in front of its first NUL byte, and what is behind it.
std::pair<std::string_view, std::string_view> two_parts(std::string_view input);

// Reads what users' commands read of a model: config, anatomy, labels, gains, some values of every
// tensor and blocks of the first and last units.
void explore(const checkpoint::Checkpoint& checkpoint);

// opens `path` and explores what it is; an Error is an answer too.
void open_and_explore(const std::filesystem::path& path);

}  // namespace wmk::fuzz
