// When a keyless signature existed: by timestamp authorities and logs of the trusted root.
//
// Thread-safety: pure functions.
#pragma once

#include <set>
#include <string>

#include "sign/keyless/keyless.h"

namespace wmk::sign {

// Fills in proven and claimed times. False, with a reason, if a trusted log's promise is not valid.
// `operators` receives who proved one.
bool read_times(const KeylessRequest& request, KeylessAnswer& answer,
                std::set<std::string>& operators, Findings& findings);

}  // namespace wmk::sign
