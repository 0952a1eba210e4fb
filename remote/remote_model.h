// A model behind an address, as a local folder.
//
// Purpose: small files are downloaded into a private folder; each weights file is an empty file
// there, in whose place its bytes are read over the network. So everything that opens a checkpoint
// opens it. Lifetime: folder and mounts live as long as the object; checkpoints that were opened
// keep their files. Thread-safety: one caller; what it mounts, any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/private_folder.h"
#include "remote/hub.h"
#include "remote/remote_file.h"

namespace wmk::remote {

// What the user named.
struct Place {
  Target target;
  std::optional<Repository> repository = std::nullopt;  // behind the address, on the hub
};

class RemoteModel {
 public:
  // The address is that of a weights file, of an index or, with any other name, of a folder.
  static Result<std::shared_ptr<const RemoteModel>> open(std::shared_ptr<Network> network,
                                                         Place place);

  // What to open in place of the address.
  const std::filesystem::path& path() const { return path_; }
  // The folder's path in an error becomes the address.
  Error in_users_words(Error error) const;
  // Of all its files.
  uint64_t bytes() const { return bytes_; }

 private:
  RemoteModel(std::shared_ptr<Network> network, Place place, PrivateFolder folder)
      : network_(std::move(network)), place_(std::move(place)), folder_(std::move(folder)) {}
  Status fetch_file(const std::string& name);
  Status fetch_folder();
  // The status with which the server refuses the file; 0: it is there now.
  Result<long> download(std::string_view name);
  Result<long> mount(std::string_view name);
  Status download_companions();
  Status mount_all(const std::vector<std::string>& names);
  Status mount_index(std::string_view name);
  Target target(std::string_view name) const;
  // From here on, files of a repository are those of this commit.
  Status pin(const std::string& commit);
  Error refusal(std::string_view name, long status) const;

  const std::shared_ptr<Network> network_;
  Place place_;
  const PrivateFolder folder_;
  std::filesystem::path path_;
  std::mutex mutex_;
  std::vector<Mount> mounts_;
  uint64_t bytes_ = 0, small_bytes_ = 0;
};

}  // namespace wmk::remote
