#include "remote/exchange.h"

#include <curl/curl.h>
#include <curl/header.h>

#include <mutex>
#include <new>

#include "base/text.h"
#include "remote/curl_limits.h"

namespace wmk::remote {

namespace {

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
  const Patience* patience = nullptr;
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

// Since the request was sent.
uint64_t waited_ms(CURL* handle) {
  curl_off_t total_us = 0, before_us = 0;
  curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &total_us);
  curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &before_us);
  return before_us > 0 && total_us > before_us ? static_cast<uint64_t>(total_us - before_us) / 1000
                                               : 0;
}

// At least once a second.
int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  Running& running = *static_cast<Running*>(context);
  const uint64_t ms = waited_ms(running.handle);
  if (!running.patience->is_over(ms, running.out.body_bytes)) return 0;
  stop(running,
       Error(ErrorCode::io, cat("the server is too slow: ", running.out.body_bytes, " bytes in ",
                                ms / 1000, " seconds, and ", running.patience->bytes_per_s(),
                                " a second are needed on average")));
  return 1;
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
  Running running{handle, receiver, question.patience};
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
  if (question.patience != nullptr) {
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &running);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  }
  const CURLcode code = curl_easy_perform(handle);
  if (question.patience != nullptr) {
    question.patience->spend(waited_ms(handle), running.out.body_bytes);
  }
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
