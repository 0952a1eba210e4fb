// Requests that are repeated until they succeed or cannot: retries, redirects, at most so many to a
// server at a time, all of them counted.
//
// Purpose: a busy or broken server is asked again, later and later; a wrong answer is an error at
// once. Lifetime: owns its connections; RemoteFiles share one client. Thread-safety: any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "remote/exchange.h"

namespace wmk::remote {

inline constexpr unsigned kConnectionsMax = 8;
inline constexpr unsigned kRedirectsMax = 5;

struct RetryPolicy {
  unsigned retries = 5;
  uint64_t first_wait_ms = 250;  // doubled each time
  // A download may take so long, and a second more for each so many of its bytes.
  uint64_t grace_ms = 60'000;
};

// Of small files. Of ranges, which share the line: kBytesPerSecondMin / kConnectionsMax.
inline constexpr uint64_t kBytesPerSecondMin = 50'000;

struct Traffic {
  uint64_t bytes = 0;  // of bodies
  uint64_t requests = 0;
};

// What is asked for.
struct Target {
  Url url;
  // Only for the origin of `url`, never for where it redirects to. Null: none.
  std::shared_ptr<const WipedBytes> token = nullptr;
};

// A receiver that can go on where an exchange broke off.
class Download : public Receiver {
 public:
  // What is missing; none: all of the file.
  virtual std::optional<ByteRange> missing() const = 0;
  virtual bool is_complete() const = 0;
  // On average (remote/patience.h).
  virtual uint64_t bytes_per_s_min() const = 0;
};

// A server's answer that it has no such file, or does not give it.
struct Refusal {
  long status = 0;            // 0: the file was given
  std::string address;        // for errors; with the server that it was redirected to
  bool is_elsewhere = false;  // another server than the one that was asked says so
  explicit operator bool() const { return status != 0; }
  Error error() const;
};

struct Fetched {
  Answer answer;
  Url from;  // after redirects
  bool is_refused() const { return answer.status / 100 != 2; }
  Refusal refusal(const Url& asked) const;
};

class HttpClient {
 public:
  explicit HttpClient(RetryPolicy policy = {});

  // Errors name the address. Refusals (401, 403, 404, 410) are no errors: see is_refused().
  Result<Fetched> get(const Target& target, Download& download);

  Traffic traffic() const { return {bytes_, requests_}; }

 private:
  struct Lease;
  Exchange ask(const Question& question, Receiver& receiver);
  // One attempt, with its redirects.
  Result<Exchange> follow(const Target& target, Download& download, Url& at, Patience& patience);
  Connection take_connection(const std::string& origin);

  const RetryPolicy policy_;
  std::atomic<uint64_t> bytes_ = 0, requests_ = 0;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Connection> idle_;  // at most kConnectionsMax; the last one given back is used first
  // By server, so that a slow one does not hold the files of another.
  std::map<std::string, unsigned> in_use_;
};

}  // namespace wmk::remote
