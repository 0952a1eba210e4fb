#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"

namespace wmk::test {

namespace {

std::optional<std::pair<uint64_t, uint64_t>> range_of(const std::string& head) {
  constexpr std::string_view kRange = "Range: bytes=";
  const size_t at = head.find(kRange);
  if (at == std::string::npos) return std::nullopt;
  const char* text = head.c_str() + at + kRange.size();
  char* end = nullptr;
  const uint64_t first = std::strtoull(text, &end, 10);
  return std::pair(first, static_cast<uint64_t>(std::strtoull(end + 1, nullptr, 10)));
}

}  // namespace

struct HttpServer::Running {
  explicit Running(Handler handler);
  ~Running();
  void accept_all();
  void serve(int connection);

  Handler handler_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<size_t> requests_ = 0;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

HttpServer::HttpServer(Handler handler) : running_(std::make_unique<Running>(std::move(handler))) {}
HttpServer::~HttpServer() = default;

size_t HttpServer::requests() const { return running_->requests_; }

std::string HttpServer::url(std::string_view path) const {
  return cat("http://127.0.0.1:", running_->port_, path);
}

HttpServer::Running::Running(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, any, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::Running::~Running() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
  ::close(listener_);
}

void HttpServer::Running::accept_all() {
  while (true) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    workers_.emplace_back([this, connection] { serve(connection); });
  }
}

void HttpServer::Running::serve(int connection) {
  HttpRequest request;
  char buffer[4096];
  while (request.head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) break;
    request.head.append(buffer, static_cast<size_t>(count));
  }
  const size_t from = request.head.find(' ') + 1, to = request.head.find(' ', from);
  if (to != std::string::npos) {
    request.path = request.head.substr(from, to - from);
    request.range = range_of(request.head);
    request.number = requests_++;
    handler_(request, [&](std::string_view text) {
      while (!text.empty()) {
        const ssize_t sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<size_t>(sent));
      }
      return true;
    });
  }
  ::shutdown(connection, SHUT_WR);
  ::close(connection);
}

std::string whole_answer(std::string_view body, std::string_view more) {
  return cat("HTTP/1.1 200 OK\r\nConnection: close\r\n", more, "Content-Length: ", body.size(),
             "\r\n\r\n", body);
}

std::string range_answer(const HttpRequest& request, std::string_view file, std::string_view more) {
  if (!request.range || request.range->first >= file.size()) return status_answer(416);
  const uint64_t first = request.range->first;
  const uint64_t last = std::min<uint64_t>(request.range->second, file.size() - 1);
  return cat("HTTP/1.1 206 Partial Content\r\nConnection: close\r\n", more, "Content-Range: bytes ",
             first, "-", last, "/", file.size(), "\r\nContent-Length: ", last - first + 1,
             "\r\n\r\n", file.substr(first, last - first + 1));
}

std::string status_answer(int status, std::string_view more) {
  return cat("HTTP/1.1 ", status, " Other\r\nConnection: close\r\n", more,
             "Content-Length: 0\r\n\r\n");
}

}  // namespace wmk::test
