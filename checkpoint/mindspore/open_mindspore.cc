#include "checkpoint/mindspore/open_mindspore.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "checkpoint/files/weights_file.h"
#include "checkpoint/mindspore/file.h"
#include "checkpoint/model_folder.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

// Names of *.ckpt files of MindSpore; other programs use the ending too.
std::vector<std::string> mindspore_names(const fs::path& folder) {
  auto names = list_files(folder, kMindSporeSuffix);
  if (!names) return {};
  std::erase_if(*names, [&](const std::string& name) { return !is_mindspore_file(folder / name); });
  return *std::move(names);
}

Result<fs::path> only_file(const fs::path& folder) {
  const auto names = mindspore_names(folder);
  if (names.size() != 1) {
    std::string list;
    for (size_t i = 0; i < std::min<size_t>(names.size(), 2); ++i) {
      list += cat(i > 0 ? ", '" : ": '", escaped(names[i]), "'");
    }
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(folder.string()), ": has ", names.size(), " MindSpore files", list))
        .with_hint(
            "name one of them; slices of one model are merged by MindSpore's "
            "'merge_sliced_parameter' or 'unified_safetensors' first");
  }
  const fs::path file = folder / names[0];
  if (auto status = check_inside(folder, file); !status) return std::move(status).error();
  return file;
}

}  // namespace

bool is_mindspore_file(const fs::path& path) {
  const auto file = ReadFile::open(path);
  return file && weights_format_of_content(head_of(*file)) == WeightsFormat::ckpt;
}

bool is_mindspore_folder(const fs::path& folder) {
  return !has_safetensors(folder) && !mindspore_names(folder).empty();
}

Result<Contents> open_mindspore(const fs::path& path, const fs::path& folder) {
  const auto named = path == folder ? only_file(folder) : Result<fs::path>(path);
  if (!named) return named.error();
  auto file = ReadFile::open(*named);
  if (!file) return std::move(file).error();
  Contents contents;
  contents.format = "MindSpore";
  auto read = read_mindspore_file(*file, 0);
  if (!read) {
    if (read.error().code() == ErrorCode::io) return std::move(read).error();
    return std::move(read).error().within(file->name());
  }
  if (auto status = check_limits(contents, read->tensors.size()); !status) {
    return std::move(status).error();
  }
  contents.tensors = std::move(read->tensors);
  for (const std::string& note : read->notes) {
    contents.notes.push_back(cat(file->name(), ": ", note));
  }
  contents.files.push_back(*std::move(file));
  return contents;
}

}  // namespace wmk::checkpoint
