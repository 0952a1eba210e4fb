#include "weightmark/key.h"

#include "crypto/key_file.h"
#include "library/facade/convert.h"
#include "library/facade/key_access.h"
#include "library/facade/passphrase.h"

namespace weightmark {

namespace {

using wmk::crypto::SecretBytes;
using wmk::library::public_error;
using wmk::library::without_exceptions;

}  // namespace

Key::Key(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Key::Key(const Key&) noexcept = default;
Key& Key::operator=(const Key&) noexcept = default;
Key::~Key() = default;

Result<Key> Key::generate() {
  return without_exceptions([]() -> Result<Key> {
    return Key(std::make_shared<const Impl>(Impl{SecretBytes::random(wmk::crypto::kKeyBytes)}));
  });
}

Result<Key> Key::read(const std::string& path, const std::string& passphrase) {
  return without_exceptions([&]() -> Result<Key> {
    auto loaded = wmk::crypto::read_key_file(path, wmk::library::passphrase_source(passphrase));
    if (!loaded) return public_error(loaded.error());
    return Key(std::make_shared<const Impl>(Impl{std::move(loaded->key)}));
  });
}

Status Key::write(const std::string& path, const std::string& passphrase) const {
  return without_exceptions([&]() -> Status {
    std::optional<SecretBytes> sealed_by;
    if (!passphrase.empty()) sealed_by = wmk::library::secret_copy(passphrase);
    const auto status =
        wmk::crypto::write_key_file(path, impl_->secret, sealed_by ? &*sealed_by : nullptr);
    if (!status) return public_error(status.error());
    return Done();
  });
}

std::string Key::fingerprint() const { return wmk::crypto::fingerprint(impl_->secret); }

}  // namespace weightmark
