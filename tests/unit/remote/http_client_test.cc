// Redirects, and who gets the token.
#include "remote/http_client.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "remote/whole_download.h"
#include "tests/support/http_server.h"
#include "tests/support/marking.h"

namespace wmk::remote {
namespace {

using test::HttpRequest;
using test::HttpServer;
using test::must;
using test::status_answer;
using test::whole_answer;
using Send = HttpServer::Send;

constexpr RetryPolicy kQuickRetries = {2, 1};
constexpr uint64_t kSmall = 1000;

Target with_token(const std::string& url) {
  const ByteView token = as_bytes("hf_secret");
  return {must(Url::parse(url)), std::make_shared<const WipedBytes>(token.begin(), token.end())};
}

Error error_of(const Target& target) {
  HttpClient client(kQuickRetries);
  WholeDownload download(kSmall);
  const auto fetched = client.get(target, download);
  REQUIRE_FALSE(fetched);
  CHECK(fetched.error().message().find("secret") == std::string::npos);
  return fetched.error();
}

std::string redirect_to(const std::string& url) {
  return status_answer(302, cat("Location: ", url, "\r\n"));
}

}  // namespace

TEST_CASE("the token is for its own server, never for where it redirects to", "[bad-input]") {
  std::atomic<bool> other_got_it = false;
  const HttpServer other([&](const HttpRequest& request, const Send& send) {
    if (request.has("hf_secret") || request.has("uthorization")) other_got_it = true;
    send(whole_answer("moved"));
  });
  std::atomic<unsigned> with_it = 0;
  const HttpServer own([&](const HttpRequest& request, const Send& send) {
    with_it += request.has("Authorization: Bearer hf_secret\r\n");
    if (request.path == "/a") return (void)send(redirect_to("/b"));  // relative: the same server
    send(redirect_to(other.url("/c?sig=1")));
  });
  HttpClient client(kQuickRetries);
  WholeDownload download(kSmall);
  const auto fetched = must(client.get(with_token(own.url("/a")), download));
  CHECK(download.text() == "moved");
  CHECK(fetched.from.text() == other.url("/c?sig=1"));
  CHECK(with_it == 2);
  CHECK_FALSE(other_got_it);
  CHECK(client.traffic().requests == 3);
}

TEST_CASE("redirects lead to https, and not too often", "[bad-input]") {
  const HttpServer in_circles(
      [](const HttpRequest&, const Send& send) { send(redirect_to("/a")); });
  CHECK(error_of(with_token(in_circles.url("/a"))).message().find("more than 5 times") !=
        std::string::npos);
  CHECK(in_circles.requests() == 6);
  for (const char* to : {"http://example.org/a", "ftp://127.0.0.1/a", "file:///etc/hostname", ""}) {
    CAPTURE(to);
    const HttpServer server([&](const HttpRequest&, const Send& send) { send(redirect_to(to)); });
    CHECK_FALSE(error_of(with_token(server.url("/a?secret"))).message().empty());
    CHECK(server.requests() == 1);
  }
}

TEST_CASE("an error behind a redirect names both servers", "[bad-input][remote]") {
  const HttpServer other([](const HttpRequest&, const Send& send) { send(status_answer(400)); });
  const HttpServer own([&](const HttpRequest&, const Send& send) {
    send(redirect_to(other.url("/signed/secret?sig=secret")));
  });
  const std::string origin = other.url("");
  CHECK(error_of(with_token(own.url("/a"))).message() ==
        cat(own.url("/a"), ", redirected to ", origin, ": the server answers with status 400"));
}

TEST_CASE("a refusal behind a redirect names both servers", "[bad-input][remote]") {
  const HttpServer other([](const HttpRequest&, const Send& send) { send(status_answer(403)); });
  const HttpServer own([&](const HttpRequest& request, const Send& send) {
    if (request.path == "/own") return (void)send(status_answer(404));
    send(redirect_to(other.url("/signed/secret?sig=secret")));
  });
  HttpClient client(kQuickRetries);
  const auto refusal_of = [&](const std::string& path) {
    const Url url = must(Url::parse(own.url(path)));
    WholeDownload download(kSmall);
    return must(client.get({url}, download)).refusal(url);
  };
  const Refusal elsewhere = refusal_of("/a"), here = refusal_of("/own");
  CHECK(elsewhere.is_elsewhere);
  CHECK(elsewhere.error().message() == cat(own.url("/a"), ", redirected to ", other.url(""),
                                           ": the server answers with status 403"));
  CHECK_FALSE(here.is_elsewhere);
  CHECK(here.error().message() == cat(own.url("/own"), ": the server answers with status 404"));
}

TEST_CASE("a small file has a limit, whatever its headers say", "[bad-input]") {
  const HttpServer server([](const HttpRequest&, const Send& send) {
    send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = cat("100\r\n", std::string(256, 'x'), "\r\n");
    for (size_t i = 0; i < 10'000; ++i) {
      if (!send(chunk)) return;
    }
  });
  const Error error = error_of(with_token(server.url("/config.json?secret")));
  CHECK(error.code() == ErrorCode::limit_exceeded);
  CHECK(error.message().find("has more than 1000 bytes") != std::string::npos);
}

TEST_CASE("a small file that was cut is read again from its begin", "[bad-input]") {
  const HttpServer server([](const HttpRequest& request, const Send& send) {
    const std::string answer = whole_answer("0123456789");
    send(request.number == 0 ? answer.substr(0, answer.size() - 4) : answer);
  });
  HttpClient client(kQuickRetries);
  WholeDownload download(kSmall);
  must(client.get({must(Url::parse(server.url("/a")))}, download));
  CHECK(download.text() == "0123456789");
  CHECK(server.requests() == 2);
}

TEST_CASE("a refusal is an answer, and is not repeated", "[bad-input]") {
  for (const int status : {401, 403, 404, 410}) {
    const HttpServer server(
        [&](const HttpRequest&, const Send& send) { send(status_answer(status)); });
    HttpClient client(kQuickRetries);
    WholeDownload download(kSmall);
    const auto fetched = must(client.get({must(Url::parse(server.url("/a")))}, download));
    CHECK(fetched.is_refused());
    CHECK(fetched.answer.status == status);
    CHECK(server.requests() == 1);
  }
}

TEST_CASE("what is not HTTP is an error", "[bad-input]") {
  for (const char* answer : {"SSH-2.0-OpenSSH_9.2\r\n", "\r\n\r\n", "HTTP/9.9 abc\r\n\r\n"}) {
    const HttpServer server([&](const HttpRequest&, const Send& send) { send(answer); });
    CHECK_FALSE(error_of(with_token(server.url("/a?secret"))).message().empty());
  }
}

}  // namespace wmk::remote
