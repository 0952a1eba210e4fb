#include "remote/http_client.h"

#include <time.h>

#include <algorithm>

#include "base/text.h"

namespace wmk::remote {

namespace {

void wait_ms(uint64_t ms) {
  timespec left{static_cast<time_t>(ms / 1000), static_cast<long>(ms % 1000 * 1'000'000)};
  while (::nanosleep(&left, &left) != 0) {
  }
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_refusal(long status) {
  return status == 401 || status == 403 || status == 404 || status == 410;
}

bool is_busy(long status) { return status == 408 || status == 429 || status / 100 == 5; }

Error status_error(long status) {
  return Error(ErrorCode::io, cat("the server answers with status ", status));
}

// Never back from https to http; http only between servers of this machine.
Status check_redirect(const Url& from, const Url& to) {
  if (to.is_https() || (from.is_loopback() && to.is_loopback())) return {};
  return Error(ErrorCode::io, cat("the server redirects to ", to.shown(), ", which is not https"));
}

}  // namespace

// One of the connections, for the duration of an exchange.
struct HttpClient::Lease {
  explicit Lease(HttpClient& owner) : client(owner), connection(owner.take_connection()) {}
  ~Lease() {
    const std::lock_guard lock(client.mutex_);
    client.idle_.push_back(std::move(connection));  // has room: see the constructor
    client.returned_.notify_one();
  }
  HttpClient& client;
  Connection connection;
};

HttpClient::HttpClient(RetryPolicy policy) : policy_(policy) {
  idle_.reserve(kConnectionsMax);
  while (idle_.size() < kConnectionsMax) idle_.emplace_back();
}

Connection HttpClient::take_connection() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return !idle_.empty(); });
  Connection connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

Exchange HttpClient::ask(const Question& question, Receiver& receiver) {
  Lease lease(*this);
  Exchange out = lease.connection.ask(question, receiver);
  ++requests_;
  bytes_ += out.body_bytes;
  return out;
}

Result<Exchange> HttpClient::follow(const Target& target, Download& download, Url& at) {
  at = target.url;
  std::string commit;  // the hub names it where it redirects to the file
  for (unsigned hops = 0; hops <= kRedirectsMax; ++hops) {
    const bool is_own = at.has_origin_of(target.url) && (at.is_https() || at.is_loopback());
    Exchange out = ask({at, download.missing(), is_own ? target.token.get() : nullptr}, download);
    if (is_own && commit.empty()) commit = out.answer.commit;
    if (out.error || !is_redirect(out.answer.status)) {
      out.answer.commit = std::move(commit);
      return out;
    }
    auto next = at.resolve(out.answer.location);
    if (!next) return Error(ErrorCode::io, "the server redirects to no address that can be read");
    if (Status status = check_redirect(at, *next); !status) return std::move(status).error();
    at = *std::move(next);
  }
  return Error(ErrorCode::limit_exceeded,
               cat("the server redirects more than ", kRedirectsMax, " times"));
}

Result<Fetched> HttpClient::get(const Target& target, Download& download) {
  uint64_t wait = policy_.first_wait_ms;
  for (unsigned attempt = 0;; ++attempt, wait *= 2) {
    Url at = target.url;
    auto followed = follow(target, download, at);
    if (!followed) return std::move(followed).error().within(target.url.shown());
    Exchange& out = *followed;
    const long status = out.answer.status;
    if (!out.error && is_refusal(status)) return Fetched{std::move(out.answer), std::move(at)};
    if (!out.error && status / 100 == 2 && download.is_complete()) {
      return Fetched{std::move(out.answer), std::move(at)};
    }
    const bool is_cut = !out.error && status / 100 == 2;
    const bool may_retry = out.error ? out.may_retry : is_cut || is_busy(status);
    if (!out.error) {
      out.error = is_cut ? Error(ErrorCode::io, "the answer ends too soon") : status_error(status);
    }
    if (!may_retry) return std::move(*out.error).within(target.url.shown());
    if (attempt == policy_.retries) {
      return std::move(*out.error)
          .within(cat(target.url.shown(), ": after ", attempt + 1, " attempts"));
    }
    wait_ms(std::max(wait, out.answer.retry_after_s.value_or(0) * 1000));
  }
}

}  // namespace wmk::remote
