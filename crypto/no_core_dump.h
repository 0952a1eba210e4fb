// No copy of a secret on disk or in another process: core dumps and debuggers.
//
// Purpose: while a NoCoreDump exists, the process writes no core dump (PR_SET_DUMPABLE and
// RLIMIT_CORE are 0), and other processes of the same user can neither trace it nor read its
// memory. Every SecretBytes has one; so have keys that OpenSSL holds. Lifetime: when the last one
// is gone, both settings are as before. Thread-safety: any thread.
#pragma once

namespace wmk::crypto {

class NoCoreDump {
 public:
  NoCoreDump();
  NoCoreDump(const NoCoreDump&);
  NoCoreDump& operator=(const NoCoreDump&) = default;
  ~NoCoreDump();
};

}  // namespace wmk::crypto
