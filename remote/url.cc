#include "remote/url.h"

#include <curl/curl.h>

#include <memory>

#include "base/text.h"

namespace wmk::remote {

namespace {

constexpr char kUpperHex[] = "0123456789ABCDEF";

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

struct FreeParts {
  void operator()(CURLU* parts) const { curl_url_cleanup(parts); }
};
using UrlParts = std::unique_ptr<CURLU, FreeParts>;

// Empty where there is none.
std::string part_of(const UrlParts& parts, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(parts.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

Error not_an_address() {
  return Error(ErrorCode::invalid_argument, "not an address that can be read (https://host/path)");
}

}  // namespace

bool is_url(std::string_view text) {
  const std::string head = lower_case(text.substr(0, 8));
  return head.starts_with("http://") || head.starts_with("https://");
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kUpperHex[byte >> 4], kUpperHex[byte & 15]};
    }
  }
  return out;
}

Result<Url> Url::parse(const std::string& text) {
  if (!is_url(text) || text.size() > kUrlBytesMax) return not_an_address();
  // libcurl would pass over a third slash.
  if (text.substr(text.find("//") + 2).starts_with('/')) return not_an_address();
  const UrlParts parts(curl_url());
  if (!parts || curl_url_set(parts.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return not_an_address();
  }
  Url url;
  url.scheme_ = lower_case(part_of(parts, CURLUPART_SCHEME));
  url.host_ = lower_case(part_of(parts, CURLUPART_HOST));
  url.port_ = part_of(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  url.path_ = part_of(parts, CURLUPART_PATH);
  url.query_ = part_of(parts, CURLUPART_QUERY);
  const std::string user = part_of(parts, CURLUPART_USER);
  const std::string password = part_of(parts, CURLUPART_PASSWORD);
  if (!user.empty() || !password.empty()) url.user_ = cat(user, ":", password, "@");
  if (url.host_.empty() || !url.path_.starts_with('/')) return not_an_address();
  url.compose();
  return url;
}

Result<Url> Url::resolve(const std::string& location) const {
  const UrlParts parts(curl_url());
  if (!parts || location.empty() || location.size() > kUrlBytesMax ||
      curl_url_set(parts.get(), CURLUPART_URL, text_.c_str(), 0) != CURLUE_OK ||
      curl_url_set(parts.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) {
    return not_an_address();
  }
  return parse(part_of(parts, CURLUPART_URL));
}

void Url::compose() {
  text_ = cat(scheme_, "://", user_, host_, ":", port_, path_);
  if (!query_.empty()) text_ += cat("?", query_);
}

std::string Url::shown() const { return cat(origin(), escaped(path_)); }

std::string Url::shown_with(const Url& at) const {
  return at.has_origin_of(*this) ? shown() : cat(shown(), ", redirected to ", at.origin());
}

std::string Url::origin() const {
  const bool is_usual = port_ == (is_https() ? "443" : "80");
  return escaped(cat(scheme_, "://", host_, is_usual ? "" : ":", is_usual ? "" : port_));
}

bool Url::is_loopback() const {
  if (host_ == "localhost" || host_ == "[::1]") return true;
  return host_.starts_with("127.") && host_.find_first_not_of("0123456789.") == std::string::npos;
}

bool Url::has_origin_of(const Url& other) const {
  return scheme_ == other.scheme_ && host_ == other.host_ && port_ == other.port_;
}

std::string Url::file_name() const {
  const std::string last = path_.substr(path_.rfind('/') + 1);
  int length = 0;
  char* decoded = curl_easy_unescape(nullptr, last.c_str(), static_cast<int>(last.size()), &length);
  if (decoded == nullptr) return {};
  std::string out(decoded, static_cast<size_t>(length));
  curl_free(decoded);
  return out;
}

Url Url::beside(std::string_view name) const {
  Url out = *this;
  out.path_ = cat(path_.substr(0, path_.rfind('/') + 1), percent_encoded(name));
  out.compose();
  return out;
}

Url Url::as_folder() const {
  Url out = *this;
  if (!out.is_folder()) out.path_ += '/';
  out.compose();
  return out;
}

}  // namespace wmk::remote
