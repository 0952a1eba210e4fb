// Which licensees a command is about: a list of ids, or a register (specs/licensees.md 1).
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "crypto/secret.h"
#include "embed/licensees/register.h"

namespace wmk::library {

// One id per line; empty lines are ignored, and an id that occurs twice counts once. Errors:
// reading; no id; an id that is not UTF-8.
Result<std::vector<std::string>> read_licensees(const std::string& path);

// The register, checked with the key. Errors: reading; check_register(); no ids.
Result<embed::LicenseeRegister> open_register(const std::string& path,
                                              const crypto::SecretBytes& key, unsigned threads);

// One of the three is given.
struct LicenseeSource {
  std::vector<std::string> ids = {};
  std::string list = {}, from_register = {};  // paths
};
// `ids` are those of the source, each once. Errors: none or several sources; an id that is not
// UTF-8; those of the two functions above.
Result<std::vector<std::string>> ids_of(const LicenseeSource& source,
                                        const crypto::SecretBytes& key, unsigned threads);

}  // namespace wmk::library
