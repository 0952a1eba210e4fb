// Reading a bundle's verification material, for the parser of bundles alone.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "sign/bundle/bundle.h"

namespace wmk::sign {

// Adds the reason bundle_malformed and returns false.
bool is_malformed(Findings& findings, std::string text);
// Base64 in the member `key` of `object`; nullopt, with a reason, if there is none.
std::optional<Bytes> bytes_member(const json::Value& object, std::string_view key,
                                  Findings& findings);
bool read_material(const json::Value& material, const BundleUse& use, Bundle& bundle,
                   Findings& findings);

}  // namespace wmk::sign
