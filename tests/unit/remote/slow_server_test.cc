// Servers that take long, or claim much: what they may cost.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/parallel.h"
#include "base/text.h"
#include "remote/localise.h"
#include "remote/remote_file.h"
#include "remote/whole_download.h"
#include "tests/support/marking.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/remote/served_files.h"
#include "tests/unit/scratch.h"

namespace wmk::remote {
namespace {

using namespace test;
using Send = HttpServer::Send;

constexpr RetryPolicy kHasty = {2, 1, 300};

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

// Sends a byte now and then, without end.
HttpServer::Handler dripping(std::string head) {
  return [head](const HttpRequest&, const Send& send) {
    for (bool goes_on = send(head); goes_on; goes_on = send("x")) pause();
  };
}

uint64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * 4096;
}

}  // namespace

TEST_CASE("patience is so long, and longer for bytes that arrive", "[remote]") {
  Patience patience(1000, 100);
  CHECK_FALSE(patience.is_over(1000, 0));
  CHECK(patience.is_over(1001, 0));
  CHECK_FALSE(patience.is_over(3000, 200));
  patience.spend(3000, 200);
  CHECK(patience.is_over(1, 0));
  CHECK_FALSE(patience.is_over(10, 1));
}

TEST_CASE("a server that sends a few bytes now and then is an error", "[remote][bad-input]") {
  const HttpServer small(dripping("HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n"));
  HttpClient client(kHasty);
  WholeDownload download(kSmallBytesMax);
  const auto fetched = client.get({must(Url::parse(small.url("/tokenizer.json")))}, download);
  REQUIRE_FALSE(fetched);
  CHECK(fetched.error().message().find("tokenizer.json: the server is too slow") !=
        std::string::npos);
  CHECK(small.requests() == 1);
  const HttpServer ranges(
      dripping("HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\n"
               "Content-Range: bytes 0-65535/196619\r\nContent-Length: 65536\r\n\r\n"));
  Refusal refused;
  const auto file = RemoteFile::open(std::make_shared<Network>(kHasty),
                                     {must(Url::parse(ranges.url("/m.safetensors")))}, refused);
  REQUIRE_FALSE(file);
  CHECK(file.error().message().find("the server is too slow") != std::string::npos);
}

TEST_CASE("a slow server holds neither other addresses nor their connections", "[remote]") {
  const Files files = {{"/m/config.json", "{}"}, {"/m/model.safetensors", tiny_file({{"x", "1"}})}};
  const auto serve = serving(files);
  std::atomic<unsigned> held = 0, in_vain = 0;
  std::atomic<bool> is_released = false;
  const HttpServer slow([&](const HttpRequest& request, const Send& send) {
    // Files beside the weights: eight at a time.
    if (!files.contains(request.path) && request.path.find("model") == std::string::npos) {
      ++held;
      for (int i = 0; i < 250 && !is_released; ++i) pause();
      if (!is_released) ++in_vain;
    }
    serve(request, send);
  });
  const HttpServer quick(serve);
  must(parallel_for(2, 2, [&](size_t i, unsigned) -> Status {
    if (i == 0) return localise(slow.url("/m/")) ? Status() : Error(ErrorCode::io, "slow");
    for (int times = 0; times < 250 && held < kConnectionsMax; ++times) pause();
    const auto local = localise(quick.url("/m/"));
    is_released = true;
    return local ? Status() : Error(ErrorCode::io, "quick");
  }));
  CHECK(held >= kConnectionsMax);
  CHECK(in_vain == 0);
}

TEST_CASE("the size that a server claims takes no memory", "[remote][bad-input]") {
  const HttpServer server([](const HttpRequest&, const Send& send) {
    send(cat("HTTP/1.1 206 Partial Content\r\nConnection: close\r\n",
             "Content-Range: bytes 0-65535/8796093022208\r\nContent-Length: 65536\r\n\r\n",
             std::string(65536, 'x')));
  });
  const test::Scratch scratch;
  const auto network = std::make_shared<Network>(kHasty);
  std::vector<std::shared_ptr<const RemoteFile>> files;
  const uint64_t before = resident_bytes();
  for (int i = 0; i < 12; ++i) {
    Refusal refused;
    files.push_back(must(RemoteFile::open(network, {must(Url::parse(server.url("/m.gguf")))},
                                          refused, scratch.folder())));
  }
  CHECK(files.back()->size() == 8796093022208);
  CHECK(resident_bytes() < before + (100ull << 20));
}

}  // namespace wmk::remote
