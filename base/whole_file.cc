// Small outputs, written in one call; see base/file.h.
#include "base/file.h"

namespace wmk {

namespace fs = std::filesystem;

Status try_output(const fs::path& path, bool replace) {
  auto tried = PendingOutput::begin(path, PendingOutput::Kind::file, replace);
  return tried ? Status() : std::move(tried).error();
}

Result<PendingOutput> prepare_whole(const fs::path& path, ByteView bytes, unsigned mode,
                                    bool replace) {
  auto output = PendingOutput::begin(path, PendingOutput::Kind::file, replace);
  if (!output) return output;
  auto file = WriteFile::create(output->path(), mode);
  if (!file) return std::move(file).error();
  auto status = file->write_at(0, bytes);
  if (status) status = file->finish();
  if (!status) return std::move(status).error();
  return output;
}

Status write_whole(const fs::path& path, ByteView bytes, unsigned mode, bool replace) {
  auto output = prepare_whole(path, bytes, mode, replace);
  return output ? output->commit() : std::move(output).error();
}

}  // namespace wmk
