// detect --disclosure: the key is one share that its owner disclosed.
//
// Lifetime: values. Thread-safety: main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "claims/commit/check.h"
#include "cli/verify/trusted_signers.h"
#include "embed/scheme/keys.h"

namespace wmk::cli {

struct DisclosureOptions {
  std::string file, commitment;
  TrustedSignerOptions trust;

  bool given() const { return !file.empty(); }
};
// --disclosure is the first of those returned.
std::vector<Option> add_disclosure_options(Command command, DisclosureOptions& options);

// Errors: files or keys that cannot be read; an option that needs --disclosure.
Result<claims::CheckedDisclosure> open_disclosure(const DisclosureOptions& options);

// The answer to a disclosure that is not good: nothing was read.
std::string refusal_text(const DisclosureOptions& options,
                         const claims::CheckedDisclosure& disclosure);
std::string refusal_json(const DisclosureOptions& options,
                         const claims::CheckedDisclosure& disclosure);

// Of a good one: "share 0 of 2 of the commitment 1a2b..., disclosed to X for case Y".
std::string disclosure_words(const claims::CheckedDisclosure& disclosure);
// The member "disclosure".
void write_disclosure(const claims::CheckedDisclosure& disclosure, json::Writer& out);

}  // namespace wmk::cli
