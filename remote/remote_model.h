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
      : network_(std::move(network)), folder_(std::move(folder)), place_(std::move(place)) {}
  Status fetch_file(const std::string& name);
  Status fetch_folder();
  // Names are paths below the folder, none of whose parts is hidden or leads upwards.
  using Name = std::filesystem::path;
  // How the server refuses the file; nothing: it is there now.
  Result<Refusal> download(const Name& name);
  Result<Refusal> mount(const Name& name);
  // Into the private folder.
  Status place(const Name& name, ByteView bytes) const;
  bool is_there(const Name& name) const;
  // Those that are there (remote/fetch_model.cc).
  Status download_all(const std::vector<Name>& names);
  Status download_companions(const Name& subfolder);
  Status mount_all(const std::vector<Name>& names);
  Status mount_index(const Name& name);
  Target target(const Name& name) const;
  // From here on, files of a repository are those of this commit. Error: they were of another one.
  Status pin(const std::string& commit);
  Error in_words(const Refusal& refusal) const;

  const std::shared_ptr<Network> network_;
  const PrivateFolder folder_;
  std::filesystem::path path_;
  mutable std::mutex mutex_;
  Place place_;  // pin() changes address and revision
  std::vector<Mount> mounts_;
  uint64_t bytes_ = 0, small_bytes_ = 0;
};

}  // namespace wmk::remote
