// Models behind addresses, on the hub and in its local cache, opened like folders.
#include <atomic>
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "remote/localise.h"
#include "tests/support/http_server.h"
#include "tests/support/marking.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/remote/served_files.h"
#include "tests/unit/scratch.h"

namespace wmk::remote {
namespace {

namespace fs = std::filesystem;
using namespace test;
using Send = HttpServer::Send;

Files sharded_model() {
  return {{"/m/config.json", "{}"},
          {"/m/model.safetensors.index.json",
           R"({"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}})"},
          {"/m/a.safetensors", tiny_file({{"x", "1"}})},
          {"/m/b.safetensors", tiny_file({{"y", "2"}})}};
}

size_t tensors_of(const std::string& named) {
  const LocalModel local = must(localise(named));
  return must(checkpoint::Checkpoint::open(local.path)).tensors().size();
}

Error error_of(const std::string& named) {
  const auto local = localise(named);
  REQUIRE_FALSE(local);
  return local.error();
}

}  // namespace

TEST_CASE("a folder, an index and a file behind an address are opened") {
  const Files files = sharded_model();
  const HttpServer server(serving(files));
  CHECK(tensors_of(server.url("/m")) == 2);
  CHECK(tensors_of(server.url("/m/")) == 2);
  CHECK(tensors_of(server.url("/m/model.safetensors.index.json?key=1")) == 2);
  CHECK(tensors_of(server.url("/m/b.safetensors")) == 1);
}

TEST_CASE("the folder of a remote model is private and goes with it") {
  const Files files = sharded_model();
  const HttpServer server(serving(files));
  fs::path folder;
  {
    const LocalModel local = must(localise(server.url("/m")));
    folder = local.path;
    CHECK(fs::status(folder).permissions() == fs::perms::owner_all);
    CHECK(fs::file_size(folder / "a.safetensors") == 0);
    CHECK(must(localise(server.url("/m"))).path == folder);
    const auto use = network_use();
    REQUIRE(use);
    CHECK(use->size > 0);
    CHECK(use->requests >= server.requests());
  }
  CHECK_FALSE(fs::exists(folder));
}

TEST_CASE("a checkpoint that was opened outlives the folder of its model") {
  const Files files = sharded_model();
  const HttpServer server(serving(files));
  const auto checkpoint = [&] {
    const LocalModel local = must(localise(server.url("/m")));
    return must(checkpoint::Checkpoint::open(local.path));
  }();
  Bytes value(1);
  must(checkpoint.read(*checkpoint.find("y"), 0, value));
  CHECK(as_text(value) == "2");
}

TEST_CASE("an index that names a path is an error, and nothing is asked for", "[bad-input]") {
  Files files = sharded_model();
  files["/m/model.safetensors.index.json"] =
      R"({"weight_map": {"x": "../../../etc/a.safetensors"}})";
  std::atomic<bool> asked = false;
  const auto serve = serving(files);
  const HttpServer server([&](const HttpRequest& request, const Send& send) {
    if (request.path.find("etc") != std::string::npos) asked = true;
    serve(request, send);
  });
  CHECK(error_of(server.url("/m")).message().find("is not the name of a weights file") !=
        std::string::npos);
  CHECK_FALSE(asked);
}

TEST_CASE("a missing shard or a folder without weights is an error", "[bad-input]") {
  Files files = sharded_model();
  files.erase("/m/b.safetensors");
  const HttpServer server(serving(files));
  CHECK(error_of(server.url("/m")).message() ==
        cat(server.url("/m/b.safetensors"), ": the server answers with status 404"));
  const Error nothing = error_of(server.url("/other"));
  CHECK(nothing.hint().find("folders of a web server cannot be listed") != std::string::npos);
}

TEST_CASE("an error names files by their address") {
  Files files = sharded_model();
  files["/m/model.safetensors"] = "no model";
  const HttpServer server(serving(files));
  const LocalModel local = must(localise(server.url("/m")));
  const Error error = in_words_of(
      local, Error(ErrorCode::io, cat(local.path.string(), "/x and ", local.path.string())));
  CHECK(error.message() == cat(server.url("/m"), "/x and ", server.url("/m")));
}

TEST_CASE("a repository on the hub is read at one commit, with the token of its file") {
  const std::string commit(40, 'c');
  Files files;
  for (const auto& [name, content] : sharded_model()) {
    files[cat("/org/name/resolve/", commit, name.substr(2))] = content;
  }
  files["/org/name/resolve/main/config.json"] = "{}";
  std::atomic<bool> was_asked_without = false;
  const auto serve = serving(files, cat("ETag: \"one\"\r\nX-Repo-Commit: ", commit, "\r\n"));
  const HttpServer server([&](const HttpRequest& request, const Send& send) {
    if (!request.has("Authorization: Bearer hf_1234\r\n")) was_asked_without = true;
    serve(request, send);
  });
  const test::Scratch scratch;
  scratch.put("token", "hf_1234\n");
  const Variable endpoint("HF_ENDPOINT", server.url(""));
  const Variable home("HF_HOME", scratch.folder().string()), token("HF_TOKEN", "");
  CHECK(tensors_of("hf://org/name") == 2);
  CHECK(tensors_of(cat("hf://org/name@", commit, "/a.safetensors")) == 1);
  CHECK_FALSE(was_asked_without);
}

TEST_CASE("a token that could add headers is refused and not repeated", "[bad-input]") {
  const Variable endpoint("HF_ENDPOINT", "http://127.0.0.1:9"), token("HF_TOKEN", "a\r\nX: secret");
  const Error error = error_of("hf://org/name");
  CHECK(error.message() == "HF_TOKEN: is not a token");
  const Variable plain("HF_ENDPOINT", "http://example.org");
  CHECK(error_of("hf://org/name").message() == "HF_ENDPOINT: is not https");
}

TEST_CASE("a repository that needs a token says so", "[bad-input]") {
  const Variable home("HF_HOME", "/nowhere"), token("HF_TOKEN", "");
  const auto hint_of = [](int status, const std::string& headers) {
    const HttpServer server(
        [&](const HttpRequest&, const Send& send) { send(status_answer(status, headers)); });
    const Variable endpoint("HF_ENDPOINT", server.url(""));
    return error_of("hf://org/name").hint();
  };
  for (const int status : {401, 404}) {
    CHECK(hint_of(status, "") ==
          "there is no such repository or revision, or it is private: set HF_TOKEN");
  }
  // A repository of other files, such as GGUF.
  const std::string there = cat("X-Repo-Commit: ", std::string(40, 'a'), "\r\n");
  CHECK(hint_of(404, there).starts_with("name the weights file"));
}

TEST_CASE("a repository that changes while it is read is an error", "[remote][bad-input]") {
  const auto files_at = [](const std::string& revision) {
    Files out;
    for (const auto& [name, content] : sharded_model()) {
      out[cat("/org/name/resolve/", revision, name.substr(2))] = content;
    }
    return out;
  };
  const std::string commits[] = {std::string(40, 'a'), std::string(40, 'b')};
  Files files = files_at("main");
  for (const std::string& commit : commits) files.merge(files_at(commit));
  const auto headers = [&](size_t i) { return cat("X-Repo-Commit: ", commits[i], "\r\n"); };
  const auto before = serving(files, headers(0)), after = serving(files, headers(1));
  const HttpServer server([&](const HttpRequest& request, const Send& send) {
    (request.path.ends_with("/b.safetensors") ? after : before)(request, send);
  });
  const Variable endpoint("HF_ENDPOINT", server.url("")), token("HF_TOKEN", "hf_1234");
  CHECK(error_of("hf://org/name").message().find("the repository changed while it was read") !=
        std::string::npos);
  // Whoever asks for a commit gets that one.
  CHECK_FALSE(localise(cat("hf://org/name@", commits[0], "/b.safetensors")));
}

TEST_CASE("the name of a repository is its snapshot in the local cache", "[bad-input]") {
  const test::Scratch scratch;
  const Variable cache("HF_HUB_CACHE", scratch.folder().string());
  scratch.put("models--org--name/snapshots/abc/model.safetensors", tiny_file({{"x", "1"}}));
  scratch.put("models--org--name/refs/main", "abc");
  CHECK(must(localise("org/name")).path == scratch / "models--org--name/snapshots/abc");
  CHECK(must(localise("org/name@abc")).path == scratch / "models--org--name/snapshots/abc");
  CHECK(tensors_of("org/name/model.safetensors") == 1);
  const Error missing = error_of("org/name@v9");
  CHECK(missing.hint() == "hf://org/name@v9 reads it over the network");
  scratch.put("models--org--name/refs/main", "../../../../etc");
  CHECK(error_of("org/name").message().find("org/name@main") != std::string::npos);
  CHECK(must(localise("org/model.safetensors")).path == "org/model.safetensors");
  CHECK(must(localise("/abs/olute")).path == "/abs/olute");
}

TEST_CASE("a page of the hub, a name that is none and HF_HUB_OFFLINE are errors with advice",
          "[remote][bad-input]") {
  CHECK(error_of("https://huggingface.co/org/name/").hint() == "write hf://org/name");
  CHECK(error_of("https://huggingface.co/org/name/tree/v2").hint() == "write hf://org/name@v2");
  CHECK(error_of("hf://org/name@").hint().find("hf://OWNER/NAME@main") != std::string::npos);
  const test::Scratch scratch;
  const Variable cache("HF_HUB_CACHE", scratch.folder().string());
  const Variable endpoint("HF_ENDPOINT", "http://127.0.0.1:9"), offline("HF_HUB_OFFLINE", "1");
  CHECK(error_of("hf://org/name").message().find("HF_HUB_OFFLINE forbids the network") !=
        std::string::npos);
  scratch.put("models--org--name/snapshots/abc/model.safetensors", tiny_file({{"x", "1"}}));
  scratch.put("models--org--name/refs/main", "abc");
  CHECK(tensors_of("hf://org/name/") == 1);
}

TEST_CASE("commands that need the whole model refuse addresses", "[bad-input]") {
  const auto refused = localise_whole("https://host/m?sig=secret");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() == "https://host/m: this command needs the model on this disk");
  CHECK_FALSE(localise_whole("hf://org/name"));
  CHECK(must(localise_whole("folder")) == "folder");
}

}  // namespace wmk::remote
