#include "lab/model/model.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/files/weights_file.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/safetensors/safetensors.h"
#include "checkpoint/write/copy.h"

namespace wmk::lab {
namespace {

namespace fs = std::filesystem;
using checkpoint::Checkpoint;

constexpr uint64_t kCompanionBytesMax = 256ull << 20;

std::string index_name_of(const Checkpoint& checkpoint) {
  std::string named = checkpoint.path().filename().string();
  if (named.ends_with(checkpoint::kSafetensorsIndexSuffix)) return named;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(checkpoint.folder(), ignored)) {
    std::string name = entry.path().filename().string();
    if (name.ends_with(checkpoint::kSafetensorsIndexSuffix)) return name;
  }
  return cat("model", checkpoint::kSafetensorsIndexSuffix);
}

Result<Plan> plan_of(Checkpoint opened) {
  if (auto status = checkpoint::check_markable(opened); !status) return std::move(status).error();
  Plan plan;
  plan.index_name = index_name_of(opened);
  for (const ReadFile& file : opened.files()) {
    auto header = checkpoint::read_safetensors_header(file);
    if (!header) return std::move(header).error();
    plan.files.push_back(file.path().filename().string());
    plan.metadata.push_back(std::move(header->metadata));
  }
  for (size_t i = 0; i < opened.tensors().size(); ++i) {
    const checkpoint::Tensor& stored = opened.tensors()[i];
    if (stored.encoding) {
      return Error(ErrorCode::unsupported,
                   cat("tensor '", escaped(stored.name), "': ", stored.encoding->name(),
                       " weights cannot be written"))
          .with_hint("attack the checkpoint before it is quantised");
    }
    plan.tensors.push_back({stored.name, stored.dtype, stored.shape, stored.file, i, {}, {}});
  }
  plan.base = std::make_shared<const Checkpoint>(std::move(opened));
  return plan;
}

// Whether the entry is a regular file of the model's folder, not a link to a file elsewhere.
bool belongs_to(const fs::directory_entry& entry, const fs::path& folder) {
  std::error_code failed;
  if (!entry.is_regular_file(failed) || failed) return false;
  if (!entry.is_symlink()) return true;
  const fs::path target = fs::canonical(entry.path(), failed);
  return !failed && target.parent_path() == fs::canonical(folder, failed);
}

}  // namespace

Result<Model> Model::open(const fs::path& path) {
  auto opened = Checkpoint::open(path);
  if (!opened) return std::move(opened).error();
  auto config = checkpoint::read_config(*opened);
  if (!config) return std::move(config).error();
  auto anatomy = checkpoint::make_anatomy(*opened, *config);
  if (!anatomy) return std::move(anatomy).error();
  return make(std::move(*opened), std::move(*config), std::move(*anatomy));
}

Result<Model> Model::make(Checkpoint checkpoint, checkpoint::Config config,
                          checkpoint::Anatomy anatomy) {
  auto plan = plan_of(std::move(checkpoint));
  if (!plan) return std::move(plan).error();
  Model model;
  model.config_ = std::move(config);
  model.anatomy_ = std::move(anatomy);
  model.plan_ = std::move(*plan);
  return model;
}

Result<std::optional<JsonTree>> Model::companion(const std::string& name) const {
  std::string text;
  if (const auto found = replaced_.find(name); found != replaced_.end()) {
    text = found->second;
  } else {
    const fs::path path = checkpoint().folder() / name;
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::optional<JsonTree>();
    auto read = read_text(path, kCompanionBytesMax);
    if (!read) return std::move(read).error();
    text = std::move(*read);
  }
  auto tree = JsonTree::parse(std::move(text));
  if (!tree) return std::move(tree).error().within(name);
  return std::optional<JsonTree>(std::move(*tree));
}

void Model::replace_companion(const std::string& name, const JsonTree& tree) {
  replaced_[name] = tree.to_string();
}

Status Model::edit_config(const std::function<void(JsonTree&)>& edit) {
  auto config = companion("config.json");
  if (!config) return std::move(config).error();
  if (!*config) return {};
  edit(**config);
  if (JsonTree* inner = (*config)->find("text_config")) edit(*inner);
  replace_companion("config.json", **config);
  return {};
}

Status Model::copy_companions(const fs::path& to) const {
  std::error_code failed;
  fs::directory_iterator entries(checkpoint().folder(), failed);
  if (failed) {
    return Error(ErrorCode::io,
                 cat(escaped(checkpoint().folder().string()), ": ", failed.message()));
  }
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().string();
    // The plan writes its own weights and index.
    if (name.ends_with(".index.json") || replaced_.contains(name)) continue;
    if (checkpoint::is_weights_file(entry.path())) continue;
    if (!belongs_to(entry, checkpoint().folder())) continue;
    if (auto status = checkpoint::copy_companion(entry.path(), to / name); !status) return status;
  }
  for (const auto& [name, text] : replaced_) {
    if (auto status = write_whole(to / name, as_bytes(text), 0644, false); !status) return status;
  }
  return {};
}

// An output inside the model's folder would become part of the model.
static Status check_outside(const fs::path& out, const fs::path& folder) {
  std::error_code failed;
  const fs::path inner = fs::weakly_canonical(fs::absolute(out), failed);
  const fs::path outer = fs::canonical(folder, failed);
  if (!checkpoint::is_inside(inner, outer)) return {};
  return Error(ErrorCode::invalid_argument,
               cat(escaped(out.string()), ": the output folder lies inside the model"));
}

Status Model::save(const fs::path& out, bool replace, unsigned threads, Progress* progress) const {
  if (auto status = check_outside(out, checkpoint().folder()); !status) return status;
  auto pending = PendingOutput::begin(out, PendingOutput::Kind::folder, replace);
  if (!pending) return std::move(pending).error();
  if (auto s = write_weights(plan_, pending->path(), threads, progress); !s) return s;
  if (auto s = copy_companions(pending->path()); !s) return s;
  return pending->commit();
}

}  // namespace wmk::lab
