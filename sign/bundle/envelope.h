// The bytes that are signed: the DSSE pre-authentication encoding of type and payload.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace wmk::sign {

// "DSSEv1 28 application/vnd.in-toto+json 746 {...".
std::string pre_authentication(std::string_view type, std::string_view payload);
// What version 0.2 of the reference implementation signed instead: "DSSEV1 28 ... 746 b'{...'",
// with the payload as Python prints bytes. Only for verifying bundles of that version.
std::string legacy_pre_authentication(std::string_view type, std::string_view payload);

}  // namespace wmk::sign
