#include "checkpoint/files/other_formats.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/files/follow_index.h"
#include "checkpoint/model_folder.h"

namespace wmk::checkpoint {

void note_other_formats(const std::filesystem::path& folder, Contents& contents) {
  const auto names = list_files(folder, "");
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    const bool is_weights = name.ends_with(".gguf") || name.ends_with(".pth") ||
                            name == "qmodel.pt" || name.ends_with(".ckpt") ||
                            (name.starts_with("pytorch_model") && name.ends_with(".bin"));
    const auto is_it = [&](const ReadFile& file) { return file.name() == escaped(name); };
    if (!is_weights || std::any_of(contents.files.begin(), contents.files.end(), is_it)) continue;
    const std::string note = stray_note(name);
    auto& notes = contents.notes;
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
  }
}

}  // namespace wmk::checkpoint
