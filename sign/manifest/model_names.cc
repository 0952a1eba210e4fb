// Names of models and of the files in them; see sign/manifest/model_tree.h.
#include "sign/manifest/model_tree.h"
#include "sign/manifest/path_rules.h"

namespace wmk::sign {

namespace fs = std::filesystem;

std::string model_name(const fs::path& model) {
  fs::path name = fs::absolute(model).lexically_normal();
  if (name.filename().empty()) name = name.parent_path();
  const std::string last = name.filename().string();
  return last.empty() || last == "/" ? "model" : last;
}

std::string name_inside(const fs::path& model, const fs::path& path) {
  if (path.empty()) return {};
  std::error_code failure;
  const fs::path root = fs::canonical(model, failure);
  if (failure) return {};
  const fs::path whole = fs::absolute(path).lexically_normal();
  const fs::path folder = fs::weakly_canonical(
      whole.filename().empty() ? whole.parent_path().parent_path() : whole.parent_path(), failure);
  const fs::path last =
      whole.filename().empty() ? whole.parent_path().filename() : whole.filename();
  const std::string name = (folder / last).lexically_relative(root).generic_string();
  return failure || !name_fault(name).empty() ? std::string() : name;
}

}  // namespace wmk::sign
