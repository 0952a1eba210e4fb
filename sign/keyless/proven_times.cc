#include "sign/keyless/proven_times.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "sign/keyless/rekor.h"

namespace wmk::sign {

namespace {

// Why no authority of the root proves the time; nothing if one does.
std::string read_response(const Bytes& response, const KeylessRequest& request,
                          KeylessAnswer& answer, std::set<std::string>& operators) {
  const auto claimed = claimed_time(response);
  if (!claimed) return "not a timestamp response";
  std::string why = "it is by none of the trusted root's authorities";
  for (const TrustedChain& authority : request.root.timestamp_authorities) {
    auto proven = proven_time_by(response, request.bundle.signature, authority.certificates);
    if (!proven) {
      why = proven.error().message();
      continue;
    }
    if (authority.valid.contains(proven->seconds)) {
      answer.proven.push_back(std::move(*proven));
      operators.insert(authority.operator_name);
      return {};
    }
    why = cat(escaped(authority.name), " was not trusted at that time");
  }
  answer.claimed.push_back(*claimed);
  return why;
}

// The time at which a log of v1 took the entry, which only its promise proves.
bool read_integrated_time(const LogEntry& entry, const TrustedLog& log, KeylessAnswer& answer,
                          std::set<std::string>& operators, Findings& findings) {
  if (is_of_second_rekor(entry)) {
    return entry.time == 0 ||
           findings.no(Code::log_entry, "an entry of this version must not state a time");
  }
  if (entry.time == 0 || entry.time > std::numeric_limits<int64_t>::max()) return true;
  const auto time = static_cast<int64_t>(entry.time);
  if (entry.promise.empty()) {
    answer.claimed.push_back(time);
    findings.note(
        cat("the entry's time is not trusted: the log ", escaped(log.name), " did not sign it"));
    return true;
  }
  if (!has_valid_promise(entry, log, findings)) return false;
  if (!log.valid.contains(time)) {
    return findings.no(Code::log_proof,
                       cat("the log ", escaped(log.name), " was not trusted at ", time_text(time)));
  }
  answer.proven.push_back({time, cat("log ", log.name), to_hex(log.key.key_id())});
  operators.insert(log.operator_name);
  return true;
}

}  // namespace

bool read_times(const KeylessRequest& request, KeylessAnswer& answer,
                std::set<std::string>& operators, Findings& findings) {
  for (const Bytes& response : request.bundle.timestamps) {
    const std::string why = read_response(response, request, answer, operators);
    if (!why.empty()) findings.note(cat("a timestamp is not trusted: ", why));
  }
  for (const LogEntry& entry : request.bundle.entries) {
    const TrustedLog* const log = log_of(entry, request.root);
    if (log != nullptr && !read_integrated_time(entry, *log, answer, operators, findings)) {
      return false;
    }
  }
  std::ranges::sort(answer.proven, {}, &ProvenTime::seconds);
  return true;
}

}  // namespace wmk::sign
