// What the commands about logs share: keys, policies, bundles and how reasons are printed.
//
// Lifetime: plain values. Thread-safety: main thread only.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "claims/log/policy.h"
#include "cli/command.h"
#include "crypto/note_signer.h"

namespace wmk::cli {

// One of both is required.
struct LogTrustOptions {
  std::string vkey;    // of the log
  std::string policy;  // file
};
void add_log_trust_options(Command command, LogTrustOptions& options);
Result<claims::Policy> read_log_trust(const LogTrustOptions& options);

// Warns about a key file that other users can read.
Result<crypto::NoteSigner> read_note_signer(const std::string& path);

struct NamedEntry {
  std::string name;  // the file, with the line if it has several bundles
  std::string entry;
};
// The entries of all bundles in the files; a name that ends in .jsonl has one bundle a line.
// `public_key`: of bundles without a certificate; may be empty.
Result<std::vector<NamedEntry>> read_entries(const std::vector<std::string>& files,
                                             const std::string& public_key);

std::string reasons_text(const claims::LogReasons& reasons);  // one indented line each
void write_reasons(const claims::LogReasons& reasons, json::Writer& out);
std::string witnesses_text(const std::vector<claims::Cosigned>& witnesses);
void write_witnesses(const std::vector<claims::Cosigned>& witnesses, json::Writer& out);
// "1 entry", "5 entries".
std::string entries_text(uint64_t count);

// The subcommands of `log`.
void add_log_keygen(Command log, Action& action);
void add_log_init(Command log, Action& action);
void add_log_append(Command log, Action& action);
void add_log_prove(Command log, Action& action);
void add_log_check(Command log, Action& action);
void add_log_verify(Command log, Action& action);
void add_log_witness_request(Command log, Action& action);
void add_log_cosign(Command log, Action& action);
void add_log_attach(Command log, Action& action);

}  // namespace wmk::cli
