#include "remote/curl_limits.h"

#include <curl/curl.h>

namespace wmk::remote {

namespace {

constexpr long kConnectSecondsMax = 30;
// Slower than that over this time is a broken connection.
constexpr long kAliveBytesPerSecond = 1024, kSlowSecondsMax = 30;

}  // namespace

void set_limits(void* handle) {
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSecondsMax);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, kAliveBytesPerSecond);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSlowSecondsMax);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "weightmark/" WMK_VERSION);
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 256L << 10);
}

bool is_passing(int code) {
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

}  // namespace wmk::remote
