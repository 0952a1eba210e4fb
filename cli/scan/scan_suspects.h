// The list of a scan: its suspects, as they are opened and as they are shown.
//
// Lifetime: values. Thread-safety: pure functions; they read files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace wmk::cli {

struct Suspect {
  std::string named;  // as in the list, which may have a password: only for opening it
  std::string shown;  // an address without what is secret; a path without "./", "//" and last "/"

  bool has_secrets() const;
};

// Each suspect once, without lines that begin with '#'. Errors: library::read_names; no suspect.
Result<std::vector<Suspect>> read_suspects(const std::string& path);

// "models//copy/" and "./models/copy" -> "models/copy". ".." stays: behind a link it leads
// elsewhere.
std::string plain_path(std::string_view path);

// SHA-256 of what is shown, each followed by a newline.
std::string digest_of_shown(const std::vector<Suspect>& suspects);
// Of the addresses of which less is shown; empty if there is none. Keyed: passwords could be
// guessed from a plain digest.
std::string digest_of_hidden(const std::vector<Suspect>& suspects, const crypto::SecretBytes& key);

}  // namespace wmk::cli
