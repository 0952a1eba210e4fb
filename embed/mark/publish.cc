#include "embed/mark/publish.h"

#include <optional>

#include "base/rename.h"
#include "base/text.h"
#include "embed/scheme/fitting_record.h"

namespace wmk::embed {

namespace fs = std::filesystem;

Status publish(checkpoint::CheckpointCopy copy, const MarkRecord& record,
               const Publication& publication) {
  const auto before = [&](int step) {
    if (publication.before_step) publication.before_step(step);
  };
  const fs::path fresh = new_record_path(publication.record);
  before(0);
  Status status = settle_records(publication.record, {publication.out});
  if (!status) return status;
  before(1);
  status = write_record(fresh, record, true);
  if (!status) return status;
  before(2);
  std::optional<checkpoint::CheckpointCopy> owner(std::move(copy));
  status = owner->publish();
  if (!status) {
    // The release may have its name all the same, if only the folder could not be synced.
    (void)settle_records(publication.record, {publication.out});
    std::error_code ignored;
    fs::remove(fresh, ignored);
    return status;
  }
  before(3);
  status = rename_file(fresh, publication.record, publication.replace);
  if (!status) {
    return std::move(status).error().within(
        cat("the marked copy is complete, its record is ", escaped(fresh.string())));
  }
  before(4);
  owner.reset();
  before(5);
  return {};
}

}  // namespace wmk::embed
