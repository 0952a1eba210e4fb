// A model, and a request to verify it with the trusted root of an instance made in the test.
#pragma once

#include "tests/unit/keyless/made_instance.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign::test {

// One for all tests: making its keys takes longer than a test.
inline const SigstoreInstance& shared_instance() {
  static const SigstoreInstance instance;
  return instance;
}

class KeylessModel : public SignedModel {
 public:
  explicit KeylessModel(const SigstoreInstance& instance = shared_instance())
      : root(instance.parsed_root()) {
    request.key = nullptr;
    request.trusted_root = &root;
    request.identity = {std::string(kSigner), std::string(kProvider)};
  }
  std::string answer_to(const BundleParts& parts) const { return answer(parts.text()); }
  bool has_note(const BundleParts& parts, std::string_view text) const {
    const Verification found = verification(parts.text());
    return std::ranges::any_of(found.findings.notes, [&](const std::string& note) {
      return note.find(text) != std::string::npos;
    });
  }

  TrustedRoot root;
};

inline BundleParts good_parts(Rekor rekor, const SignerWish& wish = {}) {
  return shared_instance().bundle(good_payload(), rekor, wish);
}

}  // namespace wmk::sign::test
