// The Hugging Face hub: names of repositories, the local cache, endpoint and token.
//
// Purpose: reads the environment as huggingface_hub does. The token is never printed.
// Thread-safety: pure functions; they read the environment and the file system.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/memory/wiped.h"
#include "base/result.h"
#include "remote/url.h"

namespace wmk::remote {

struct Repository {
  std::string owner, name;
  std::string revision = "main";
  std::string file;  // empty: the whole repository
};

// "owner/name", "owner/name@revision", either with "/" or "/file" behind it.
std::optional<Repository> parse_repository(std::string_view text);

// What "https://huggingface.co/OWNER/NAME[/tree/REVISION]" is the page of, which people copy.
std::optional<Repository> repository_of_page(std::string_view address);

// The snapshot of that revision in the local cache (HF_HUB_CACHE, HF_HOME), or its file.
Result<std::filesystem::path> find_in_cache(const Repository& repository);

// HF_HUB_OFFLINE: only the local cache may be read.
bool is_hub_offline();

// The address of the repository's folder, or of its file (HF_ENDPOINT).
Result<Url> address_of(const Repository& repository);

// HF_TOKEN, or what the file HF_TOKEN_PATH or HF_HOME/token holds; null if there is none.
Result<std::shared_ptr<const WipedBytes>> hub_token();

}  // namespace wmk::remote
