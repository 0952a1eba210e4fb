// Whether a trusted log (Rekor) has an entry: its promise, its proof and its checkpoint.
//
// Thread-safety: pure functions.
#pragma once

#include "sign/bundle/log_entry.h"
#include "sign/keyless/trusted_root.h"
#include "sign/reason.h"

namespace wmk::sign {

// nullptr if the trusted root does not have the entry's log.
const TrustedLog* log_of(const LogEntry& entry, const TrustedRoot& root);
// The log's signature over the entry and its time. Without it the entry's time is a claim.
bool has_valid_promise(const LogEntry& entry, const TrustedLog& log, Findings& findings);
// The path from the entry to the root that the log's own checkpoint states.
bool is_included(const LogEntry& entry, const TrustedLog& log, Findings& findings);

}  // namespace wmk::sign
