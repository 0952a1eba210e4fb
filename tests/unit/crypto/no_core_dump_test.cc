// While a secret is in memory, the process writes no core dump and cannot be traced.
#include "crypto/no_core_dump.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <optional>

#include "base/text.h"
#include "crypto/key_file.h"
#include "crypto/minisign.h"
#include "crypto/secret.h"
#include "sign/keys/key.h"
#include "tests/unit/scratch.h"

namespace wmk::crypto {
namespace {

rlim_t core_limit() {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_CORE, &limit) == 0);
  return limit.rlim_cur;
}

int dumpable() { return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

// Permits core dumps, as a shell with `ulimit -c` would.
class CoreDumpsAllowed {
 public:
  CoreDumpsAllowed() {
    ::getrlimit(RLIMIT_CORE, &before_);
    rlimit limit = before_;
    if (limit.rlim_max == 0) {
      WARN("the hard limit of core dumps is 0 here: only PR_SET_DUMPABLE is tested");
    }
    limit.rlim_cur = limit.rlim_max;
    REQUIRE(::setrlimit(RLIMIT_CORE, &limit) == 0);
    REQUIRE(dumpable() == 1);
  }
  ~CoreDumpsAllowed() { ::setrlimit(RLIMIT_CORE, &before_); }
  bool again() const { return dumpable() == 1 && core_limit() == before_.rlim_max; }
  static bool forbidden() { return dumpable() == 0 && core_limit() == 0; }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("the process writes no core dump while a key is open", "[crypto]") {
  const CoreDumpsAllowed allowed;
  const test::Scratch scratch;
  CHECK(allowed.again());
  {
    const SecretBytes key = SecretBytes::random(kKeyBytes);
    CHECK(CoreDumpsAllowed::forbidden());
    REQUIRE(write_key_file(scratch / "it.key", key, nullptr));
    CHECK(CoreDumpsAllowed::forbidden());
  }
  CHECK(allowed.again());
  {
    const auto loaded = read_key_file(scratch / "it.key", nullptr);
    REQUIRE(loaded);
    CHECK(CoreDumpsAllowed::forbidden());
  }
  CHECK(allowed.again());
  CHECK_FALSE(read_key_file(scratch / "no.key", nullptr));
  CHECK(allowed.again());
}

TEST_CASE("core dumps are possible again when the last secret is gone", "[crypto]") {
  const CoreDumpsAllowed allowed;
  std::optional<SecretBytes> first = SecretBytes::zeros(8), second = SecretBytes::zeros(8);
  first.reset();
  CHECK(CoreDumpsAllowed::forbidden());
  {
    const SecretBytes moved = std::move(*second);
    second.reset();
    CHECK(CoreDumpsAllowed::forbidden());
    const NoCoreDump guard;
    const NoCoreDump copy = guard;
  }
  CHECK(allowed.again());
}

TEST_CASE("the process writes no core dump while OpenSSL or minisign holds a key", "[crypto]") {
  const CoreDumpsAllowed allowed;
  const std::filesystem::path vectors = std::filesystem::path(WMK_SOURCE_DIR) / "tests/vectors";
  {
    const auto key = sign::PrivateKey::read(vectors / "oms/p256.key.pem", nullptr);
    REQUIRE(key);
    CHECK(CoreDumpsAllowed::forbidden());
  }
  CHECK(allowed.again());
  {
    const auto key = Ed25519SecretKey::read(vectors / "minisign/open.key", nullptr);
    REQUIRE(key);
    CHECK(CoreDumpsAllowed::forbidden());
  }
  CHECK(allowed.again());
  // A public key is no secret.
  const auto key = sign::PublicKey::read(vectors / "oms/p256.pub.pem");
  REQUIRE(key);
  CHECK(allowed.again());
}

}  // namespace wmk::crypto
