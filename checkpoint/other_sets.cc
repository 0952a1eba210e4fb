// The sets of weights of a folder that a checkpoint does not read.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/files/follow_index.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

// Formats whose files hold parts of tensors: one file of them is no model.
bool is_in_parts(std::string_view format) {
  return format == "PyTorch distributed" || format == "Megatron" || format == "vLLM";
}

// Whether `set` of the model's folder is what `checkpoint` reads, or a part of it that is no model.
bool is_read(const WeightSet& set, const Checkpoint& checkpoint) {
  std::vector<fs::path> read, wanted;
  for (const ReadFile& file : checkpoint.files()) read.push_back(file.path().lexically_normal());
  for (const std::string& name : set.files) {
    wanted.push_back((checkpoint.path() / set.subfolder / name).lexically_normal());
  }
  std::sort(read.begin(), read.end());
  std::sort(wanted.begin(), wanted.end());
  if (set.kind == WeightsKind::gguf) return !read.empty() && read.front() == wanted.front();
  if (is_in_parts(checkpoint.format())) {
    return std::includes(read.begin(), read.end(), wanted.begin(), wanted.end());
  }
  return read == wanted;
}

}  // namespace

std::vector<WeightSet> other_weight_sets(const Checkpoint& checkpoint) {
  std::error_code ignored;
  if (!fs::is_directory(checkpoint.path(), ignored)) return {};
  auto sets = weight_sets(checkpoint.path());
  std::erase_if(sets, [&](const WeightSet& set) { return is_read(set, checkpoint); });
  return sets;
}

void note_other_set(const WeightSet& set, Contents& contents) {
  for (const std::string& file : set.files) {
    const std::string path = (set.subfolder / file).generic_string();
    const auto is_it = [&](const ReadFile& read) { return read.name() == escaped(path); };
    if (std::any_of(contents.files.begin(), contents.files.end(), is_it)) continue;
    std::string note = stray_note(path);
    auto& notes = contents.notes;
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) {
      notes.push_back(std::move(note));
    }
  }
}

}  // namespace wmk::checkpoint
