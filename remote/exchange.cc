#include "remote/exchange.h"

#include <curl/curl.h>
#include <curl/header.h>

#include <mutex>
#include <new>

#include "base/text.h"

namespace wmk::remote {

namespace {

constexpr long kConnectSecondsMax = 30;
// Slower than that over this time is a broken connection.
constexpr long kBytesPerSecondMin = 1024, kSlowSecondsMax = 30;
// Of a body that is not used: read so far, so that its connection can be used again.
constexpr uint64_t kIgnoredBytesMax = 64 << 10;
constexpr uint64_t kRetryAfterSecondsMax = 60;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// One exchange, as libcurl's callbacks see it.
struct Running {
  CURL* handle;
  Receiver& receiver;
  Exchange out = {};
  uint64_t header_bytes = 0;
  bool begun = false;
  bool is_out_of_memory = false;
};

// The only value of a header; empty if it is missing or occurs more than once.
std::string header_of(CURL* handle, const char* name) {
  curl_header* found = nullptr;
  if (curl_easy_header(handle, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
  return found->amount == 1 ? found->value : std::string();
}

Answer answer_of(CURL* handle) {
  Answer out;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &out.status);
  out.range = parse_content_range(header_of(handle, "Content-Range"));
  out.etag = header_of(handle, "ETag");
  out.modified = header_of(handle, "Last-Modified");
  out.commit = header_of(handle, "X-Repo-Commit");
  out.retry_after_s = parse_retry_after(header_of(handle, "Retry-After"), kRetryAfterSecondsMax);
  out.location = header_of(handle, "Location");
  return out;
}

// Once for an exchange: when the headers are there.
Status begin(Running& running) {
  running.begun = true;
  running.out.answer = answer_of(running.handle);
  if (running.out.answer.status / 100 != 2) return {};
  const std::string encoding = lower_case(header_of(running.handle, "Content-Encoding"));
  if (!encoding.empty() && encoding != "identity") {
    return Error(ErrorCode::unsupported, cat("the server sends it compressed (", escaped(encoding),
                                             "), which was not asked for"));
  }
  return running.receiver.begin(running.out.answer);
}

size_t stop(Running& running, Error error) {
  running.out.error = std::move(error);
  return 0;
}

size_t receive(Running& running, std::string_view bytes) {
  if (!running.begun) {
    if (Status status = begin(running); !status) return stop(running, std::move(status).error());
  }
  running.out.body_bytes += bytes.size();
  if (running.out.answer.status / 100 != 2) {
    return running.out.body_bytes <= kIgnoredBytesMax ? bytes.size() : 0;
  }
  Status status = running.receiver.take(as_bytes(bytes));
  return status ? bytes.size() : stop(running, std::move(status).error());
}

// No exception may pass through libcurl.
size_t on_body(char* bytes, size_t, size_t count, void* context) {
  Running& running = *static_cast<Running*>(context);
  try {
    return receive(running, {bytes, count});
  } catch (const std::bad_alloc&) {
    running.is_out_of_memory = true;
    return 0;
  }
}

size_t on_header(char*, size_t, size_t count, void* context) {
  Running& running = *static_cast<Running*>(context);
  running.header_bytes += count;
  if (running.header_bytes <= kHeaderBytesMax) return count;
  return stop(running,
              Error(ErrorCode::limit_exceeded,
                    cat("the headers of the answer are longer than ", kHeaderBytesMax, " bytes")));
}

// A broken connection, or one that the server ended too soon.
bool is_passing(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return true;
    default:
      return false;
  }
}

void set_limits(CURL* handle) {
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSecondsMax);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, kBytesPerSecondMin);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSlowSecondsMax);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "weightmark/" WMK_VERSION);
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 256L << 10);
}

HeaderList headers_of(const Question& question) {
  if (question.token == nullptr) return nullptr;
  constexpr std::string_view kBearer = "Authorization: Bearer ";
  WipedVector<char> line(kBearer.begin(), kBearer.end());
  for (const std::byte b : *question.token) line.push_back(static_cast<char>(b));
  line.push_back('\0');
  return HeaderList(curl_slist_append(nullptr, line.data()));
}

}  // namespace

struct Connection::Handle {
  CURL* curl = curl_easy_init();
  ~Handle() { curl_easy_cleanup(curl); }
};

Connection::Connection() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  handle_ = std::make_unique<Handle>();
}
Connection::Connection(Connection&&) noexcept = default;
Connection::~Connection() = default;

Exchange Connection::ask(const Question& question, Receiver& receiver) {
  CURL* handle = handle_->curl;
  if (handle == nullptr) return {{}, 0, Error(ErrorCode::io, "libcurl does not start")};
  curl_easy_reset(handle);
  set_limits(handle);
  Running running{handle, receiver};
  char why[CURL_ERROR_SIZE] = "";
  const HeaderList headers = headers_of(question);
  curl_easy_setopt(handle, CURLOPT_URL, question.url.text().c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why);
  std::string range;
  if (question.range) {
    range = cat(question.range->first, "-", question.range->second);
    curl_easy_setopt(handle, CURLOPT_RANGE, range.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &running);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &running);
  const CURLcode code = curl_easy_perform(handle);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
  if (running.is_out_of_memory) throw std::bad_alloc();
  Exchange& out = running.out;
  if (out.error) return std::move(out);
  if (!running.begun && code == CURLE_OK) {
    Status status = begin(running);
    if (!status) out.error = std::move(status).error();
    return std::move(out);
  }
  const bool is_ignored_body = running.begun && out.answer.status / 100 != 2;
  if (code == CURLE_OK || is_ignored_body) return std::move(out);
  // The text of an error may quote the address, which may hold a secret.
  out.error = Error(ErrorCode::io, curl_easy_strerror(code));
  out.may_retry = is_passing(code);
  return std::move(out);
}

}  // namespace wmk::remote
