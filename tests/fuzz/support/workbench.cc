#include "tests/fuzz/support/workbench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/text.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/layout/unit_block.h"
#include "checkpoint/numbers/widen.h"
#include "checkpoint/read_rectangle.h"
#include "checkpoint/shapes/layout_variants.h"
#include "checkpoint/shapes/role_variants.h"

namespace wmk::fuzz {

namespace fs = std::filesystem;
using checkpoint::Checkpoint;
using checkpoint::Tensor;

namespace {

constexpr size_t kTensorsRead = 24;
constexpr size_t kGroupsRead = 6;
constexpr uint64_t kPartMax = 64;

// A failure of the workbench itself is not a finding.
void must(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::_Exit(3);
}

// A rectangle in each corner, and a narrow one in the middle.
void read_parts(const Checkpoint& opened, const Tensor& tensor) {
  const uint64_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
  if (tensor.elements() == 0 || columns == 0) return;
  const uint64_t rows = tensor.elements() / columns;
  const uint64_t wide = std::min(columns, kPartMax), high = std::min<uint64_t>(rows, 4);
  const std::vector<checkpoint::Rectangle> parts = {
      {0, high, 0, wide},
      {rows - high, high, columns - wide, wide},
      {rows / 2, 1, columns / 2, std::min<uint64_t>(columns - columns / 2, 3)},
      {0, std::min(rows, kPartMax), columns - 1, 1}};
  std::vector<float> values;
  for (const auto& part : parts) {
    values.assign(part.rows * part.columns, 0);
    if (tensor.encoding || checkpoint::has_float_value(tensor.dtype)) {
      (void)checkpoint::read_rectangle(opened.files(), tensor, part, values);
    }
  }
  Bytes bytes(std::min<uint64_t>(tensor.bytes, kPartMax * sizeof(float)));
  (void)opened.read(tensor, 0, bytes);
  (void)opened.read(tensor, tensor.bytes - bytes.size(), bytes);
}

void read_blocks(const Checkpoint& opened, const checkpoint::Anatomy& anatomy, size_t group) {
  const auto blocks = checkpoint::blocks_of(opened, anatomy, group);
  const auto& units = anatomy.groups[group];
  checkpoint::RawBlock raw;
  std::vector<float> panel;
  for (const auto& block : {blocks.front(), blocks.back()}) {
    for (const auto* view : {units.gate ? &*units.gate : nullptr, &units.up, &units.down}) {
      if (!view) continue;
      if (!raw.read(opened, *view, anatomy.width, block.first, block.units)) continue;
      const uint64_t count = std::min(block.units, checkpoint::kPanelUnits);
      panel.assign(count * anatomy.width, 0);
      raw.widen_panel(block.units - count, count, panel);
    }
  }
}

}  // namespace

Workbench::Workbench() {
  std::string name = (fs::temp_directory_path() / "wmk-fuzz-XXXXXX").string();
  must(::mkdtemp(name.data()) != nullptr, "mkdtemp");
  folder_ = name;
}

Workbench::~Workbench() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

fs::path Workbench::put(std::string_view name, std::string_view content) const {
  const fs::path path = folder_ / name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  must(file >= 0, "open");
  const ssize_t put = ::write(file, content.data(), content.size());
  must(put == static_cast<ssize_t>(content.size()), "write");
  ::close(file);
  return path;
}

fs::path Workbench::put_vector(std::string_view name, std::string_view vector) const {
  const fs::path path = folder_ / name;
  fs::copy_file(fs::path(WMK_SOURCE_DIR "/tests/vectors") / vector, path);
  return path;
}

std::pair<std::string_view, std::string_view> two_parts(std::string_view input) {
  const size_t end = input.find('\0');
  if (end == std::string_view::npos) return {input, {}};
  return {input.substr(0, end), input.substr(end + 1)};
}

void explore(const Checkpoint& opened) {
  const auto& tensors = opened.tensors();
  for (size_t i = 0; i < std::min(tensors.size(), kTensorsRead); ++i) {
    read_parts(opened, tensors[i]);
  }
  const auto config = checkpoint::read_config(opened);
  if (!config) return;
  for (const auto& variant : checkpoint::role_variants(opened, *config)) {
    for (size_t i = 0; i < std::min<size_t>(variant.anatomy.groups.size(), 2); ++i) {
      read_blocks(opened, variant.anatomy, i);
    }
    (void)checkpoint::layout_variants(opened, variant.anatomy);
  }
  const auto anatomy = checkpoint::make_anatomy(opened, *config);
  if (!anatomy) return;
  (void)checkpoint::read_vocabulary(opened, anatomy->vocabulary);
  (void)checkpoint::unrecognised(*anatomy);
  for (size_t i = 0; i < std::min(anatomy->groups.size(), kGroupsRead); ++i) {
    read_blocks(opened, *anatomy, i);
  }
}

void open_and_explore(const fs::path& path) {
  const auto opened = Checkpoint::open(path);
  if (opened) explore(*opened);
}

}  // namespace wmk::fuzz
