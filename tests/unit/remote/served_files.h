// Files that a web server of a test serves, and variables of its environment.
//
// Lifetime: a handler refers to the files. Thread-safety: handlers run in any thread.
#pragma once

#include <stdlib.h>

#include <map>
#include <optional>
#include <string>

#include "tests/support/http_server.h"

namespace wmk::test {

using Files = std::map<std::string, std::string>;

// Serves these files by path.
inline HttpServer::Handler serving(const Files& files, std::string headers = "ETag: \"one\"\r\n") {
  return [&files, headers](const HttpRequest& request, const HttpServer::Send& send) {
    const auto found = files.find(request.path.substr(0, request.path.find('?')));
    if (found == files.end()) return (void)send(status_answer(404));
    send(request.range ? range_answer(request, found->second, headers)
                       : whole_answer(found->second, headers));
  };
}

// An environment variable for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    const char* before = ::getenv(name);
    if (before != nullptr) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace wmk::test
