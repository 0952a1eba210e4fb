// The door for commands: whatever names a model becomes a path that can be opened.
//
// Purpose: a path stays as it is; a repository in the local Hugging Face cache becomes its
// snapshot; an address (https://..., hf://owner/name) becomes a folder that is read over the
// network (specs/remote.md). Thread-safety: any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wmk::remote {

class RemoteModel;

struct LocalModel {
  std::filesystem::path path;
  // Must outlive all paths in it; null: the model is on this disk.
  std::shared_ptr<const RemoteModel> remote = nullptr;
};

// An error that names the files of `model` by their address.
Error in_words_of(const LocalModel& model, Error error);

// Whether the name is an address.
bool is_remote(std::string_view named);

// Whether the name is the address of a folder: of what is there, only usual names are asked for.
bool is_unlisted(std::string_view named);

// As long as a model is open, its name gives the same path again.
Result<LocalModel> localise(const std::string& named);

// The same for commands that need the whole model: an Error for an address.
Result<std::filesystem::path> localise_whole(const std::string& named);

// For messages and results: an address without its query, which may be a signature.
std::string without_secrets(const std::string& named);

// What was read over the network, by the whole process.
struct NetworkUse {
  uint64_t bytes = 0, requests = 0;
  uint64_t size = 0;  // of the models
};
// None unless a remote model was opened.
std::optional<NetworkUse> network_use();
// "read 1.2 MB of 16.1 GB over the network in 40 requests"
std::string to_text(const NetworkUse& use);

}  // namespace wmk::remote
