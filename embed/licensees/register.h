// The register of licensees: every id with a salted commitment to its code (specs/licensees.md 1).
//
// Purpose: the set of codes is fixed before a copy leaks. The public form, without ids, can be
// committed and logged; one licensee's entry can be opened without showing another's. Lifetime:
// values. Thread-safety: pure functions; those with `threads` start their own workers.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/merkle.h"
#include "crypto/secret.h"

namespace wmk::embed {

inline constexpr size_t kLicenseeIdBytesMax = 1024;

// UTF-8 of 1 to kLicenseeIdBytesMax bytes.
bool is_licensee_id(std::string_view id);

struct LicenseeRegister {
  std::string key_fingerprint;
  std::vector<std::byte> nonce;
  std::vector<std::string> ids;  // none in the public form
  std::vector<crypto::TreeHash> commitments;
};

LicenseeRegister new_register(const crypto::SecretBytes& master);
// Appends the ids that are not in it; how many. Errors (invalid_argument): an id that is empty, too
// long or not UTF-8; the public form.
Result<size_t> add_licensees(LicenseeRegister& to, const std::vector<std::string>& ids,
                             const crypto::SecretBytes& master, unsigned threads);
// Errors (invalid_argument): a register of another key; an entry whose commitment is not that of
// its id. A public form has no ids to check.
Status check_register(const LicenseeRegister& of, const crypto::SecretBytes& master,
                      unsigned threads);

// Errors: reading; a file that is not a register (malformed).
Result<LicenseeRegister> read_register(const std::filesystem::path& path);
// The public form has no ids and may be seen by anyone; the other has mode 0600.
Status write_register(const std::filesystem::path& path, const LicenseeRegister& from,
                      bool is_public, bool replace);

// What opens one entry. `code_key` opens this licensee's code, and no other's.
struct Opening {
  std::string id;
  std::vector<std::byte> salt, code_key;
};
Opening opening_of(const LicenseeRegister& of, std::string_view id,
                   const crypto::SecretBytes& master);
// The number of the entry that it opens, from 0.
std::optional<size_t> opened_entry(const LicenseeRegister& of, const Opening& opening);

}  // namespace wmk::embed
