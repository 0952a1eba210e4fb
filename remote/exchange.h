// One HTTP request and its answer, over libcurl.
//
// Purpose: everything that libcurl is told is in exchange.cc: TLS verified, no redirects followed,
// limits on headers, times and speeds. Nothing here retries. Lifetime: a Connection owns a handle
// and with it a connection that is used again. Thread-safety: one caller for one Connection.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/memory/wiped.h"
#include "base/result.h"
#include "remote/content_range.h"
#include "remote/patience.h"
#include "remote/url.h"

namespace wmk::remote {

inline constexpr uint64_t kHeaderBytesMax = 64 << 10;

// The first and the last byte that are wanted.
using ByteRange = std::pair<uint64_t, uint64_t>;

struct Question {
  const Url& url;
  std::optional<ByteRange> range = std::nullopt;
  const WipedBytes* token = nullptr;  // sent as a bearer token
  Patience* patience = nullptr;       // null: as long as some bytes arrive
};

struct Answer {
  long status = 0;
  std::optional<ContentRange> range;
  std::string etag, modified;
  std::string commit;    // X-Repo-Commit, of the server that was asked first
  std::string location;  // of a redirect, as it is sent
  std::optional<uint64_t> retry_after_s;
};

// Takes the body of an answer with status 2xx.
class Receiver {
 public:
  virtual ~Receiver() = default;
  // Before the body. An Error ends the exchange.
  virtual Status begin(const Answer& answer) = 0;
  virtual Status take(ByteView bytes) = 0;
};

struct Exchange {
  Answer answer;
  uint64_t body_bytes = 0;
  std::optional<Error> error = {};  // without the address
  bool may_retry = false;           // of an error: the network's, not the receiver's
};

class Connection {
 public:
  Connection();
  Connection(Connection&&) noexcept;
  ~Connection();
  Exchange ask(const Question& question, Receiver& receiver);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace wmk::remote
