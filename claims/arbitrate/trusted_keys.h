// Who the arbitrator knows: keys of the parties in the trust folder, identities of the accused, and
// whom the names of their files bind them to (specs/arbitration.md 1.1).
//
// Lifetime: owns its keys. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "sign/keyless/identity.h"
#include "sign/keys/key.h"

namespace wmk::claims {

// none: the file's name binds the key to nobody.
enum class Role { none, claimant, accused };
// "claimant", "accused"; empty for none.
std::string_view to_string(Role role);

struct TrustedKey {
  std::string file;  // in keys/; untrusted text: escape it
  Role role = Role::none;
  sign::PublicKey key;
  std::string subject = {};  // of the certificate that the file holds; empty: it holds the key

  // "keys/accused.pem", safe to print; of a certificate with its subject.
  std::string name() const;
};

// keys/*.pem, by name: each a public key, or one certificate, of which only the key counts. Errors:
// none; a file that is neither, or both; one key in two roles.
Result<std::vector<TrustedKey>> read_trusted_keys(const std::filesystem::path& trust);
// accused.identities: an identity and its provider a line. No such file: none. Errors: lines that
// are not two words; too many.
Result<std::vector<sign::ExpectedIdentity>> read_identities(const std::filesystem::path& trust);

// Links, folders and the like are left out, or listed to be followed or refused.
enum class OtherKinds { left_out, listed };
// Files of a folder that end in `suffix`, by name. Errors: more than `count_max`; a folder that
// cannot be read. No such folder: none.
Result<std::vector<std::filesystem::path>> files_of(const std::filesystem::path& folder,
                                                    std::string_view suffix, size_t count_max,
                                                    OtherKinds others = OtherKinds::left_out);

}  // namespace wmk::claims
