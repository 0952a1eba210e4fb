// write_manual FOLDER RELEASE DATE: writes man pages and completions, for the build.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cli/manual/completions.h"
#include "cli/manual/pages.h"

namespace wmk::cli {
namespace {

Status write_text(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) return Error(ErrorCode::io, cat(path.parent_path().string(), ": ", error.message()));
  return write_whole(path, std::as_bytes(std::span(text)), 0644, true);
}

Status write_manual(const std::filesystem::path& folder, const std::string& release,
                    const std::string& date) {
  CLI::App app;
  Action action;
  declare_program(app, action);
  const CommandEntry program = table_of(app);
  for (const ManPage& page : man_pages(program, release, date)) {
    Status status = write_text(folder / "man1" / (page.name + ".1"), page.text);
    if (!status) return status;
  }
  Status status = write_text(folder / "bash" / "weightmark", bash_completion(program));
  if (status) status = write_text(folder / "zsh" / "_weightmark", zsh_completion(program));
  if (status) status = write_text(folder / "fish" / "weightmark.fish", fish_completion(program));
  return status;
}

}  // namespace
}  // namespace wmk::cli

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: write_manual FOLDER RELEASE DATE\n", stderr);
    return 2;
  }
  const wmk::Status status = wmk::cli::write_manual(argv[1], argv[2], argv[3]);
  return status ? 0 : wmk::cli::fail(status.error());
}
