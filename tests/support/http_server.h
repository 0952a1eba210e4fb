// A web server on the loopback for one test, as bad as the test wants it.
//
// Purpose: each request is one connection; the test writes the bytes of the answer itself.
// Lifetime: stops in the destructor. Thread-safety: the handler is called by several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wmk::test {

struct HttpRequest {
  std::string path;  // with its query
  std::string head;  // all lines
  // "Range: bytes=FIRST-LAST"
  std::optional<std::pair<uint64_t, uint64_t>> range;
  size_t number;  // of requests so far, from 0

  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class HttpServer {
 public:
  // Sends bytes; false once the other side has gone.
  using Send = std::function<bool(std::string_view)>;
  using Handler = std::function<void(const HttpRequest&, const Send&)>;

  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "http://127.0.0.1:PORT" + path
  std::string url(std::string_view path) const;
  size_t requests() const;

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

// An answer as a good server gives it. `more`: further header lines, each ended by "\r\n".
std::string whole_answer(std::string_view body, std::string_view more = "");
std::string range_answer(const HttpRequest& request, std::string_view file,
                         std::string_view more = "ETag: \"one\"\r\n");
std::string status_answer(int status, std::string_view more = "");

}  // namespace wmk::test
