// Addresses, names of repositories, and what servers say in headers.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "remote/content_range.h"
#include "remote/file_names.h"
#include "remote/hub.h"
#include "remote/localise.h"
#include "remote/url.h"
#include "tests/support/marking.h"

namespace wmk::remote {

using test::must;

TEST_CASE("an address is shown without its query, user and password", "[bad-input]") {
  const Url url = must(Url::parse("https://me:secret@Host.example/m/x.safetensors?X-Sig=secret#f"));
  CHECK(url.shown() == "https://host.example/m/x.safetensors");
  CHECK(url.text().find("X-Sig=secret") != std::string::npos);
  CHECK(must(Url::parse("http://h:8080/a")).shown() == "http://h:8080/a");
  CHECK(without_secrets("https://host/a?token=secret") == "https://host/a");
  CHECK(without_secrets("https://me:secret@[bad/a?token=secret") == "https://...");
  CHECK(without_secrets("folder/a?b") == "folder/a?b");
}

TEST_CASE("only http and https are addresses, and errors do not repeat them", "[bad-input]") {
  for (const char* text : {"ftp://h/a", "file:///etc/passwd", "https://", "http:///a", "https:/h/a",
                           "https://h h/a?secret", "", "https://h:99999/"}) {
    CAPTURE(text);
    const auto url = Url::parse(text);
    REQUIRE_FALSE(url);
    CHECK(url.error().message().find("secret") == std::string::npos);
  }
  CHECK_FALSE(Url::parse("https://h/" + std::string(kUrlBytesMax, 'a')));
}

TEST_CASE("a name is put beside an address and cannot leave its folder", "[bad-input]") {
  const Url url = must(Url::parse("https://h/m/a.index.json?q=1"));
  CHECK(url.file_name() == "a.index.json");
  CHECK(url.beside("b c.json").text() == "https://h:443/m/b%20c.json?q=1");
  CHECK(url.beside("../x").text() == "https://h:443/m/..%2Fx?q=1");
  CHECK(url.beside("x?y#z").text() == "https://h:443/m/x%3Fy%23z?q=1");
  CHECK(must(Url::parse("https://h/m")).as_folder().beside("c").text() == "https://h:443/m/c");
}

TEST_CASE("a redirect is resolved against the address that it came from", "[bad-input]") {
  const Url url = must(Url::parse("https://me:word@h/a/b?sig=1"));
  CHECK(must(url.resolve("/c?d")).text() == "https://me:word@h:443/c?d");
  CHECK(must(url.resolve("../c")).text() == "https://me:word@h:443/c");
  CHECK(must(url.resolve("https://other/c")).text() == "https://other:443/c");
  CHECK(must(url.resolve("//other/c")).text() == "https://other:443/c");
  for (const char* location : {"", "ftp://h/a", "file:///etc/passwd", "https://"}) {
    CHECK_FALSE(url.resolve(location));
  }
}

TEST_CASE("loopback is known by its address, not by how the name begins", "[bad-input]") {
  for (const char* text : {"http://localhost/", "http://127.0.0.1:80/", "http://[::1]/"}) {
    CHECK(must(Url::parse(text)).is_loopback());
  }
  for (const char* text : {"http://localhost.evil.example/", "http://127.0.0.1.evil.example/",
                           "http://1.127.0.0/", "http://host/127.0.0.1"}) {
    CHECK_FALSE(must(Url::parse(text)).is_loopback());
  }
}

TEST_CASE("Content-Range names bytes inside a file of known size", "[bad-input]") {
  CHECK(parse_content_range("bytes 0-9/100") == ContentRange{0, 9, 100});
  CHECK(parse_content_range(" Bytes  5-5/6 ") == ContentRange{5, 5, 6});
  CHECK(parse_content_range("bytes 0-18446744073709551613/18446744073709551614").has_value());
  for (const char* text :
       {"", "bytes", "bytes 0-9", "bytes 0-9/*", "bytes */100", "bytes 9-0/100", "bytes 0-100/100",
        "bytes -1-9/100", "bytes 0-9/100/2", "bytes 0-9-8/100", "items 0-9/100", "bytes 0-9/1e2",
        "bytes 0x0-9/100", "bytes 0-9/18446744073709551616", "bytes 0 -9/100"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_content_range(text));
  }
}

TEST_CASE("Retry-After is a number of seconds with a limit", "[bad-input]") {
  CHECK(parse_retry_after("7", 60) == 7);
  CHECK(parse_retry_after("007", 60) == 7);
  CHECK(parse_retry_after("0", 60) == 0);
  CHECK(parse_retry_after("3600", 60) == 60);
  CHECK(parse_retry_after("99999999999999999999999", 60) == 60);
  CHECK_FALSE(parse_retry_after("-1", 60));
  CHECK_FALSE(parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", 60));
}

TEST_CASE("a repository is owner, name, revision and file", "[bad-input]") {
  const auto plain = parse_repository("org/name");
  REQUIRE(plain);
  CHECK(plain->revision == "main");
  CHECK(plain->file.empty());
  const auto all = parse_repository("org/na-me.1@v2/m.gguf");
  REQUIRE(all);
  CHECK((all->owner == "org" && all->name == "na-me.1"));
  CHECK((all->revision == "v2" && all->file == "m.gguf"));
  const auto folder = parse_repository("org/name@v2/");
  REQUIRE(folder);
  CHECK((folder->revision == "v2" && folder->file.empty()));
  for (const char* text : {"name", "/name", "org/", "../name", "org/..", "org/name@", "org/name@..",
                           "org/name/a/b", "org/name/../x", "or g/name", "org/na%2Fme", "~/name"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_repository(text));
  }
}

TEST_CASE("the page of a repository is known by its address", "[bad-input][remote]") {
  const auto page = repository_of_page("https://huggingface.co/org/name/?library=x");
  REQUIRE(page);
  CHECK((page->owner == "org" && page->name == "name" && page->revision == "main"));
  const auto tree = repository_of_page("https://huggingface.co/org/name/tree/v2");
  REQUIRE(tree);
  CHECK((tree->name == "name" && tree->revision == "v2"));
  for (const char* text :
       {"https://huggingface.co/org", "https://huggingface.co/org/name/resolve/main/m.gguf",
        "https://huggingface.co.example/org/name", "https://other/org/name", ""}) {
    CHECK_FALSE(repository_of_page(text));
  }
}

TEST_CASE("folders behind an address are not listed, files and indexes name what they are",
          "[remote]") {
  for (const char* text : {"https://h/m/", "https://h/m", "hf://org/name", "HF://org/name@v2/"}) {
    CHECK(is_unlisted(text));
  }
  for (const char* text : {"https://h/m.safetensors?x=1", "https://h/m.safetensors.index.json",
                           "hf://org/name/m.gguf", "folder", "org/name"}) {
    CHECK_FALSE(is_unlisted(text));
  }
}

TEST_CASE("an index lists bare names of weights files", "[bad-input]") {
  const auto shards = shards_of_index(
      R"({"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}})");
  REQUIRE(shards);
  CHECK(*shards == std::vector<std::string>{"m-1.safetensors", "m-2.safetensors"});
  for (const char* name :
       {"../m.safetensors", "/etc/m.safetensors", "a/m.safetensors", ".m.safetensors", "m.py", "",
        ".safetensors", "config.json", "a\\\\m.safetensors", "m\\u0000.safetensors"}) {
    CAPTURE(name);
    CHECK_FALSE(shards_of_index(cat(R"({"weight_map": {"a": ")", name, R"("}})")));
  }
  for (const char* text :
       {"", "[]", "{}", R"({"weight_map": []})", R"({"weight_map": {"a": 1}})"}) {
    CHECK_FALSE(shards_of_index(text));
  }
  std::string many = R"({"weight_map": {)";
  for (size_t i = 0; i <= kShardsMax; ++i) {
    many += cat(i == 0 ? "" : ",", "\"", i, "\":\"", i, ".safetensors\"");
  }
  const auto too_many = shards_of_index(many + "}}");
  REQUIRE_FALSE(too_many);
  CHECK(too_many.error().code() == ErrorCode::limit_exceeded);
}

TEST_CASE("a part of a split GGUF file names all parts", "[bad-input]") {
  const std::vector<std::string> three = {"m-00001-of-00003.gguf", "m-00002-of-00003.gguf",
                                          "m-00003-of-00003.gguf"};
  CHECK(parts_of("m-00002-of-00003.gguf") == three);
  for (const char* name : {"m.gguf", "m-00004-of-00003.gguf", "m-00000-of-00003.gguf",
                           "m-00001-of-99999.gguf", "m-0001-of-00003.gguf", "-00001-of-00003.gguf",
                           "m-00001-of-00003.safetensors", "m-0000a-of-00003.gguf"}) {
    CHECK(parts_of(name) == std::vector<std::string>{name});
  }
}

}  // namespace wmk::remote
