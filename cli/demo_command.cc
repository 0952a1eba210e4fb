// demo: the whole story in a temporary folder, on a made-up model or on the user's own.
#include <stdlib.h>

#include <utility>

#include "base/text.h"
#include "cli/demo_story.h"

namespace wmk::cli {

namespace {

namespace fs = std::filesystem;

// A folder that goes when the story is told.
class Stage {
 public:
  static Result<Stage> make(bool keep) {
    std::string name = (fs::temp_directory_path() / "weightmark-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return Error(ErrorCode::io, cat(name, ": cannot make a temporary folder"));
    }
    return Stage(name, keep);
  }
  Stage(Stage&& other) noexcept : folder_(std::exchange(other.folder_, {})), keep_(other.keep_) {}
  ~Stage() {
    std::error_code ignored;
    if (!folder_.empty() && !keep_) fs::remove_all(folder_, ignored);
  }
  const fs::path& folder() const { return folder_; }

 private:
  Stage(fs::path folder, bool keep) : folder_(std::move(folder)), keep_(keep) {}
  fs::path folder_;
  bool keep_;
};

int tell_story(const DemoOptions& options) {
  auto stage = Stage::make(options.keep);
  if (!stage) return fail(stage.error());
  auto code = tell_demo_story(options, stage->folder());
  return code ? *code : fail(code.error());
}

}  // namespace

void add_demo_command(CLI::App& app, Action& action) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command = app.add_subcommand("demo", "the whole story on a made-up model, or on yours");
  command->add_option("model", options->model, "your own model (default: a made-up one)");
  command->add_option("--seed", options->seed, "of the made-up model and the attacks (default 1)");
  command->add_flag("--keep", options->keep, "keep the temporary folder");
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { return tell_story(*options); }; });
}

}  // namespace wmk::cli
