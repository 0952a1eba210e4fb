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

// One of the connections to a server, for the duration of an exchange.
struct HttpClient::Lease {
  Lease(HttpClient& owner, const std::string& server)
      : client(owner), origin(server), connection(owner.take_connection(server)) {}
  ~Lease() {
    const std::lock_guard lock(client.mutex_);
    const auto used = client.in_use_.find(origin);
    if (--used->second == 0) client.in_use_.erase(used);
    // There is room: see the constructor.
    if (client.idle_.size() < kConnectionsMax) client.idle_.push_back(std::move(connection));
    client.returned_.notify_all();
  }
  HttpClient& client;
  const std::string origin;
  Connection connection;
};

HttpClient::HttpClient(RetryPolicy policy) : policy_(policy) { idle_.reserve(kConnectionsMax); }

Connection HttpClient::take_connection(const std::string& origin) {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] {
    const auto used = in_use_.find(origin);
    return used == in_use_.end() || used->second < kConnectionsMax;
  });
  unsigned& used = in_use_[origin];
  if (idle_.empty()) idle_.emplace_back();
  Connection connection = std::move(idle_.back());
  idle_.pop_back();
  ++used;
  return connection;
}

Exchange HttpClient::ask(const Question& question, Receiver& receiver) {
  Lease lease(*this, question.url.origin());
  Exchange out = lease.connection.ask(question, receiver);
  ++requests_;
  bytes_ += out.body_bytes;
  return out;
}

Result<Exchange> HttpClient::follow(const Target& target, Download& download, Url& at,
                                    Patience& patience) {
  at = target.url;
  std::string commit;  // the hub names it where it redirects to the file
  for (unsigned hops = 0; hops <= kRedirectsMax; ++hops) {
    const bool is_own = at.has_origin_of(target.url) && (at.is_https() || at.is_loopback());
    const WipedBytes* token = is_own ? target.token.get() : nullptr;
    Exchange out = ask({at, download.missing(), token, &patience}, download);
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

Error Refusal::error() const {
  return Error(ErrorCode::io, cat(address, ": the server answers with status ", status));
}

Refusal Fetched::refusal(const Url& asked) const {
  if (!is_refused()) return {};
  return {answer.status, asked.shown_with(from), !from.has_origin_of(asked)};
}

Result<Fetched> HttpClient::get(const Target& target, Download& download) {
  uint64_t wait = policy_.first_wait_ms;
  Patience patience(policy_.grace_ms, download.bytes_per_s_min());
  for (unsigned attempt = 0;; ++attempt, wait *= 2) {
    Url at = target.url;
    auto followed = follow(target, download, at, patience);
    const std::string where = target.url.shown_with(at);
    if (!followed) return std::move(followed).error().within(where);
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
    if (!may_retry) return std::move(*out.error).within(where);
    if (attempt == policy_.retries) {
      return std::move(*out.error).within(cat(where, ": after ", attempt + 1, " attempts"));
    }
    wait_ms(std::max(wait, out.answer.retry_after_s.value_or(0) * 1000));
  }
}

}  // namespace wmk::remote
