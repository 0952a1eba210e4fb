// A log in a scratch folder, with keys that are the same in every run.
#pragma once

#include <catch2/catch.hpp>

#include "base/text.h"
#include "claims/log/appender.h"
#include "claims/log/verify_log.h"
#include "tests/unit/scratch.h"

namespace wmk::test {

inline crypto::NoteSigner note_signer(std::string_view name, int number) {
  Bytes seed(32, static_cast<std::byte>(number));
  auto out = crypto::NoteSigner::from_seed(name, seed);
  REQUIRE(out);
  return std::move(*out);
}

// Entries "entry FIRST", "entry FIRST+1", ...
inline std::vector<std::string> numbered_entries(uint64_t first, uint64_t count) {
  std::vector<std::string> out;
  for (uint64_t i = first; i < first + count; ++i) out.push_back(cat("entry ", i));
  return out;
}

inline std::vector<crypto::TreeHash> leaves_of(const std::vector<std::string>& entries) {
  std::vector<crypto::TreeHash> out;
  for (const std::string& entry : entries) out.push_back(crypto::tree_leaf(as_bytes(entry)));
  return out;
}

class MadeLog {
 public:
  explicit MadeLog(std::string_view name = "log")
      : signer_(note_signer("example.org/marks", 1)), folder_(scratch_ / name) {
    REQUIRE(claims::init_log(folder_, signer_));
  }

  const crypto::NoteSigner& signer() const { return signer_; }
  const std::filesystem::path& folder() const { return folder_; }
  claims::TileStore store() const { return claims::TileStore(folder_); }
  crypto::NoteVerifier key() const { return signer_.verifier(crypto::NoteKeyType::ed25519); }
  claims::Policy policy() const { return claims::Policy::of_log(key()); }
  std::string checkpoint() const { return *store().checkpoint(); }

  Status append(const std::vector<std::string>& entries, claims::StepHook hook = {}) const {
    auto appender = claims::Appender::open(folder_, signer_, std::move(hook));
    return appender ? appender->append(entries) : std::move(appender).error();
  }
  claims::VerifiedLog verified(const std::filesystem::path& folder, unsigned threads = 1) const {
    const claims::TileStore store(folder);
    const claims::Policy trusted = policy();
    claims::VerifyLogRequest request{store, trusted};
    request.threads = threads;
    auto out = claims::verify_log(request);
    REQUIRE(out);
    return std::move(*out);
  }
  claims::VerifiedLog verified() const { return verified(folder_); }

 private:
  Scratch scratch_;
  crypto::NoteSigner signer_;
  std::filesystem::path folder_;
};

}  // namespace wmk::test
