#include "sign/openssl.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include "base/text.h"

namespace wmk::sign {

void FreeBio::operator()(bio_st* bio) const { BIO_free(bio); }

BioPointer bio_over(ByteView bytes) {
  return BioPointer(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

BioPointer memory_bio() { return BioPointer(BIO_new(BIO_s_mem())); }

std::string content_of(bio_st* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason ? escaped(reason) : "unknown";
  ERR_clear_error();
  return text;
}

}  // namespace wmk::sign
