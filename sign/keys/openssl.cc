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

// The answer, at most `size` bytes of it; nothing: see asking.failure.
std::optional<crypto::SecretBytes> ask(Asking& asking, size_t size) {
  asking.asked = true;
  if (!*asking.source) return std::nullopt;
  auto words = (*asking.source)();
  if (!words) {
    asking.failure = std::move(words).error();
  } else if (words->size() > size) {
    asking.failure = Error(ErrorCode::invalid_argument, "the passphrase is too long");
  } else {
    return std::move(*words);
  }
  return std::nullopt;
}

// Straight from locked memory to where OpenSSL wants it.
int answer(UI* ui, UI_STRING* question) {
  const UI_string_types kind = UI_get_string_type(question);
  if (kind != UIT_PROMPT) return kind == UIT_INFO || kind == UIT_ERROR;
  auto& asking = *static_cast<Asking*>(UI_get0_user_data(ui));
  const auto words = ask(asking, static_cast<size_t>(UI_get_result_maxsize(question)));
  if (!words) return -1;
  const std::string_view text = as_text(words->reveal());
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
  const auto words = ask(*static_cast<Asking*>(user), static_cast<size_t>(size));
  if (!words) return -1;
  const ByteView bytes = words->reveal();
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
