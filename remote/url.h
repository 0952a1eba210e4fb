// Addresses: parsed once, and shown without what is secret in them.
//
// Purpose: only http and https; a name from an index can be put beside an address, but never leave
// its folder. A query may be a signature (presigned URLs) and a user name may come with a password,
// so neither is ever shown. Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace wmk::remote {

inline constexpr size_t kUrlBytesMax = 16 << 10;

class Url {
 public:
  // Error (invalid_argument) without the text of the address unless it is http(s)://host/...
  static Result<Url> parse(const std::string& text);

  // Where a redirect from here leads: an address, or one relative to this one.
  Result<Url> resolve(const std::string& location) const;

  // The whole address, secrets included: only for the request itself.
  const std::string& text() const { return text_; }
  // Scheme, host, port and path, escaped.
  std::string shown() const;
  // Scheme, host and port alone, escaped.
  std::string origin() const;
  // The same, and where that redirected to: the server `at` alone.
  std::string shown_with(const Url& at) const;
  bool is_https() const { return scheme_ == "https"; }
  // localhost, 127.x.x.x or [::1].
  bool is_loopback() const;
  // Same scheme, host and port.
  bool has_origin_of(const Url& other) const;
  // The last part of the path without escapes; empty for a folder ("https://host/m/").
  std::string file_name() const;
  bool has_query() const { return !query_.empty(); }

  // The file of that bare name in the same folder, with the same query.
  Url beside(std::string_view name) const;
  // The address as that of a folder: its path ends in '/'.
  Url as_folder() const;
  // The folder of this file, as the user would name it; empty name: itself.
  bool is_folder() const { return path_.ends_with('/'); }

 private:
  Url() = default;
  void compose();

  std::string scheme_, user_, host_, port_, path_, query_;
  std::string text_;
};

// Whether the text begins with http:// or https://, in any case.
bool is_url(std::string_view text);

// Any byte but letters, digits and "-._~" as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace wmk::remote
