#include "sign/keys/openssl.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ui.h>

#include <cstring>

#include "base/text.h"

namespace wmk::sign {

namespace {

constexpr size_t kSecureHeapBytes = 1 << 16;

std::string reason_of(unsigned long error) {
  const char* reason = ERR_reason_error_string(error);
  std::string text = reason ? escaped(reason) : "unknown";
  ERR_clear_error();
  return text;
}

// At most `size` bytes; nullopt: see request.failure.
std::optional<crypto::SecretBytes> ask(PassphraseRequest& request, size_t size) {
  request.asked = true;
  if (!*request.source) return std::nullopt;
  auto passphrase = (*request.source)();
  if (!passphrase) {
    request.failure = std::move(passphrase).error();
  } else if (passphrase->size() > size) {
    request.failure = Error(ErrorCode::invalid_argument, "the passphrase is too long");
  } else {
    return std::move(*passphrase);
  }
  return std::nullopt;
}

// Passes the passphrase from locked memory directly to OpenSSL.
int answer(UI* ui, UI_STRING* question) {
  const UI_string_types kind = UI_get_string_type(question);
  if (kind != UIT_PROMPT) return kind == UIT_INFO || kind == UIT_ERROR;
  auto& request = *static_cast<PassphraseRequest*>(UI_get0_user_data(ui));
  const auto passphrase = ask(request, static_cast<size_t>(UI_get_result_maxsize(question)));
  if (!passphrase) return -1;
  const std::string_view text = as_text(passphrase->reveal());
  return UI_set_result_ex(ui, question, text.data(), static_cast<int>(text.size())) >= 0 ? 1 : 0;
}

}  // namespace

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

std::string openssl_reason() { return reason_of(ERR_peek_last_error()); }

std::string openssl_cause() { return reason_of(ERR_peek_error()); }

void use_secure_heap() {
  if (CRYPTO_secure_malloc_initialized() == 0) CRYPTO_secure_malloc_init(kSecureHeapBytes, 32);
}

int give_passphrase(char* buffer, int size, int /*for_writing*/, void* user) {
  const auto passphrase = ask(*static_cast<PassphraseRequest*>(user), static_cast<size_t>(size));
  if (!passphrase) return -1;
  const ByteView bytes = passphrase->reveal();
  std::memcpy(buffer, bytes.data(), bytes.size());
  return static_cast<int>(bytes.size());
}

void FreePrompt::operator()(ui_method_st* method) const { UI_destroy_method(method); }

PromptPointer passphrase_prompt() {
  PromptPointer method(UI_create_method("passphrase"));
  if (method) UI_method_set_reader(method.get(), answer);
  return method;
}

}  // namespace wmk::sign
