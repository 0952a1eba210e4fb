// Files behind an address: ranges, blocks, retries, and servers that are wrong.
#include "remote/remote_file.h"

#include <atomic>
#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/parallel.h"
#include "base/text.h"
#include "tests/support/http_server.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::remote {
namespace {

using test::HttpRequest;
using test::HttpServer;
using test::must;
using test::range_answer;
using test::status_answer;
using Send = HttpServer::Send;

constexpr RetryPolicy kQuick = {5, 1};

std::string numbered_bytes(size_t count) {
  std::string out(count, '\0');
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<char>(i * 7 + i / 251);
  return out;
}

const std::string& small_file() {
  static const std::string bytes = numbered_bytes(3 * kBlockBytes + 11);
  return bytes;
}

Target target_of(const HttpServer& server, std::string_view path = "/m.safetensors") {
  return {must(Url::parse(server.url(path)))};
}

std::shared_ptr<const RemoteFile> opened(const HttpServer& server,
                                         std::shared_ptr<Network> network = nullptr) {
  if (!network) network = std::make_shared<Network>(kQuick);
  Refusal refused;
  auto file = must(RemoteFile::open(std::move(network), target_of(server), refused));
  REQUIRE_FALSE(refused);
  return file;
}

Error open_error(const HttpServer& server) {
  Refusal refused;
  auto file = RemoteFile::open(std::make_shared<Network>(kQuick), target_of(server), refused);
  REQUIRE_FALSE(file);
  return file.error();
}

Status read(const RemoteFile& file, uint64_t offset, std::string& out) {
  return file.read_at(offset, std::as_writable_bytes(std::span(out)));
}

void check_reads(const RemoteFile& file, const std::string& bytes, uint64_t offset, size_t count) {
  CAPTURE(offset, count);
  std::string out(count, '?');
  must(read(file, offset, out));
  CHECK((out == bytes.substr(offset, count)));
}

Error read_error(const RemoteFile& file, uint64_t offset, size_t count) {
  std::string out(count, '?');
  const Status status = read(file, offset, out);
  REQUIRE_FALSE(status);
  return status.error();
}

bool says(const Error& error, std::string_view text) {
  INFO(error.message());
  return error.message().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a remote file gives the bytes of any range") {
  const std::string bytes = numbered_bytes((4 << 20) + 17);
  const HttpServer server(
      [&](const HttpRequest& request, const Send& send) { send(range_answer(request, bytes)); });
  const auto file = opened(server);
  REQUIRE(file->size() == bytes.size());
  check_reads(*file, bytes, 0, 1);
  check_reads(*file, bytes, kBlockBytes - 1, 2);
  check_reads(*file, bytes, bytes.size() - 1, 1);
  check_reads(*file, bytes, 12345, 300'000);
  check_reads(*file, bytes, 1, bytes.size() - 1);
  check_reads(*file, bytes, bytes.size(), 0);
}

TEST_CASE("pieces at equal distances are gathered, near or far apart") {
  const std::string bytes = numbered_bytes(3 << 20);
  const HttpServer server(
      [&](const HttpRequest& request, const Send& send) { send(range_answer(request, bytes)); });
  const auto file = opened(server);
  for (const Runs runs : {Runs{5, 1000, 28'000, 100}, Runs{5, 10, 300'000, 10}, Runs{1, 7, 9, 50},
                          Runs{0, 6, 4, 10}, Runs{3, 900'000, 4, 1}, Runs{0, 1, 1 << 20, 0}}) {
    std::string out(runs.count * runs.bytes, '?'), expected;
    for (uint64_t i = 0; i < runs.count; ++i) {
      expected += bytes.substr(runs.offset + i * runs.stride, runs.bytes);
    }
    must(file->read_runs(runs, std::as_writable_bytes(std::span(out))));
    CHECK((out == expected));
  }
}

TEST_CASE("blocks that were read are not asked for again, neighbours come together") {
  const HttpServer server([&](const HttpRequest& request, const Send& send) {
    send(range_answer(request, small_file()));
  });
  const auto network = std::make_shared<Network>(kQuick);
  const auto file = opened(server, network);
  check_reads(*file, small_file(), 0, kBlockBytes);
  CHECK(server.requests() == 1);
  check_reads(*file, small_file(), kBlockBytes + 5, 2 * kBlockBytes);
  CHECK(server.requests() == 2);
  check_reads(*file, small_file(), 0, small_file().size());
  CHECK(server.requests() == 2);
  CHECK(network->client.traffic().requests == 2);
  CHECK(network->client.traffic().bytes == small_file().size());
}

TEST_CASE("what has arrived is kept on the disk, and no byte is asked for twice") {
  const std::string bytes = numbered_bytes((5 << 20) + 17);
  const HttpServer server(
      [&](const HttpRequest& request, const Send& send) { send(range_answer(request, bytes)); });
  const test::Scratch scratch;
  const auto network = std::make_shared<Network>(kQuick);
  Refusal refused;
  const auto file = must(RemoteFile::open(network, target_of(server), refused, scratch.folder()));
  CHECK(scratch.count() == 0);  // the file that holds them has no name
  // Columns that are read in strips, as a comparison does: together they are the whole file.
  const uint64_t stride = 8192, count = bytes.size() / stride, strip = 1024;
  must(parallel_for(stride / strip, 4, [&](size_t i, unsigned) -> Status {
    const Runs runs{i * strip, strip, stride, count};
    std::string out(strip * count, '?'), expected;
    for (uint64_t r = 0; r < count; ++r) expected += bytes.substr(i * strip + r * stride, strip);
    Status status = file->read_runs(runs, std::as_writable_bytes(std::span(out)));
    if (status && out != expected) return Error(ErrorCode::io, "wrong bytes");
    return status;
  }));
  check_reads(*file, bytes, 0, bytes.size());
  check_reads(*file, bytes, bytes.size() - 1, 1);
  CHECK(network->client.traffic().bytes == bytes.size());
}

TEST_CASE("blocks that do not arrive are asked for again by the next reader") {
  const std::string bytes = numbered_bytes(3 << 20);
  std::atomic<bool> is_broken = false;
  const HttpServer server([&](const HttpRequest& request, const Send& send) {
    send(is_broken ? status_answer(404) : range_answer(request, bytes));
  });
  const test::Scratch scratch;
  const auto network = std::make_shared<Network>(kQuick);
  Refusal refused;
  const auto file = must(RemoteFile::open(network, target_of(server), refused, scratch.folder()));
  is_broken = true;
  CHECK(says(read_error(*file, 1 << 20, 100'000), "status 404"));
  is_broken = false;
  check_reads(*file, bytes, 1 << 20, 100'000);
}

TEST_CASE("concurrent readers share blocks and get the right bytes") {
  const HttpServer server([&](const HttpRequest& request, const Send& send) {
    send(range_answer(request, small_file()));
  });
  const auto file = opened(server);
  must(parallel_for(64, 8, [&](size_t i, unsigned) -> Status {
    std::string out(1000, '?');
    const uint64_t offset = i * 2999;
    if (Status status = read(*file, offset, out); !status) return status;
    return out == small_file().substr(offset, out.size()) ? Status()
                                                          : Error(ErrorCode::io, "wrong bytes");
  }));
  CHECK(server.requests() <= 4);
}

TEST_CASE("a busy server and a broken answer are asked again", "[bad-input]") {
  const HttpServer server([&](const HttpRequest& request, const Send& send) {
    if (request.number == 0) return (void)send(status_answer(503));
    if (request.number == 1) return (void)send(status_answer(429, "Retry-After: 0\r\n"));
    if (request.number == 2) return;  // closes without an answer
    const std::string answer = range_answer(request, small_file());
    send(request.number == 3 ? answer.substr(0, answer.size() - 100) : answer);
  });
  const auto file = opened(server);
  CHECK(server.requests() == 5);
  check_reads(*file, small_file(), 0, kBlockBytes);
}

TEST_CASE("after a cut only what is missing is asked for", "[bad-input]") {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  const HttpServer server([&](const HttpRequest& request, const Send& send) {
    const std::string answer = range_answer(request, small_file());
    ranges.push_back(*request.range);
    send(request.number == 0 ? answer.substr(0, answer.size() - 100) : answer);
  });
  opened(server);
  REQUIRE(ranges.size() == 2);
  CHECK(ranges[1] == std::pair<uint64_t, uint64_t>(kBlockBytes - 100, kBlockBytes - 1));
}

TEST_CASE("a server that stays broken is an error after six attempts", "[bad-input]") {
  const HttpServer server([](const HttpRequest&, const Send& send) { send(status_answer(500)); });
  CHECK(says(open_error(server), "after 6 attempts: the server answers with status 500"));
  CHECK(server.requests() == 6);
}

TEST_CASE("a server without ranges is an error that says what to do", "[bad-input]") {
  std::atomic<bool> was_cut = false;
  const HttpServer server([&](const HttpRequest&, const Send& send) {
    send("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
    const std::string piece(1 << 16, 'x');
    for (size_t i = 0; i < 4096 && !was_cut; ++i) was_cut = !send(piece);
  });
  const Error error = open_error(server);
  CHECK(says(error, "does not serve ranges of bytes"));
  CHECK(error.hint() == "download the model and name its folder");
  CHECK(server.requests() == 1);
}

TEST_CASE("a file that changes while it is read is an error", "[bad-input]") {
  const std::string tags[][2] = {{"ETag: \"one\"\r\n", "ETag: \"two\"\r\n"},
                                 {"ETag: \"one\"\r\n", ""},
                                 {"Last-Modified: a\r\n", "Last-Modified: b\r\n"}};
  for (const auto& [before, after] : tags) {
    const HttpServer server([&](const HttpRequest& request, const Send& send) {
      send(range_answer(request, small_file(), request.number == 0 ? before : after));
    });
    const auto file = opened(server);
    CHECK(says(read_error(*file, kBlockBytes, 10), "has changed on the server"));
  }
  const HttpServer grows([&](const HttpRequest& request, const Send& send) {
    send(range_answer(request, small_file() + (request.number == 0 ? "" : "x")));
  });
  CHECK(says(read_error(*opened(grows), kBlockBytes, 10), "has changed on the server"));
}

TEST_CASE("an answer about other bytes is an error", "[bad-input]") {
  for (const char* range : {"bytes 1-65536/196619", "bytes 0-9/196619", "bytes 65536-131072/196619",
                            "bytes 0-65535/*", "nonsense", ""}) {
    CAPTURE(range);
    const HttpServer server([&](const HttpRequest& request, const Send& send) {
      if (request.number == 0) return (void)send(range_answer(request, small_file()));
      send(cat("HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\nContent-Range: ", range,
               "\r\nContent-Length: 65536\r\n\r\n", std::string(65536, 'x')));
    });
    const auto file = opened(server);
    CHECK_FALSE(read_error(*file, kBlockBytes, 10).message().empty());
    CHECK(server.requests() == 2);
  }
}

TEST_CASE("a body without end is cut off", "[bad-input]") {
  std::atomic<bool> was_cut = false;
  const HttpServer server([&](const HttpRequest&, const Send& send) {
    send(
        "HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\n"
        "Content-Range: bytes 0-65535/196619\r\n\r\n");
    const std::string piece(1 << 16, 'x');
    for (size_t i = 0; i < 4096 && !was_cut; ++i) was_cut = !send(piece);
  });
  CHECK(says(open_error(server), "more bytes than were asked for"));
}

TEST_CASE("headers without end and compressed answers are errors", "[bad-input]") {
  const HttpServer endless([&](const HttpRequest&, const Send& send) {
    send("HTTP/1.1 206 Partial Content\r\n");
    const std::string line = cat("X-More: ", std::string(1000, 'x'), "\r\n");
    for (size_t i = 0; i < 10'000; ++i) {
      if (!send(line)) return;
    }
  });
  CHECK(says(open_error(endless), "headers"));
  const HttpServer packed([&](const HttpRequest& request, const Send& send) {
    send(range_answer(request, small_file(), "Content-Encoding: gzip\r\n"));
  });
  CHECK(says(open_error(packed), "compressed (gzip)"));
}

}  // namespace wmk::remote
