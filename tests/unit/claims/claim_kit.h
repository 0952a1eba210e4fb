// A commitment of the owner, and of somebody else, for tests of claims.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "claims/commit/check.h"
#include "claims/commit/make.h"
#include "tests/support/marking.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::claims::test {

using sign::test::private_key;
using sign::test::public_key;
using sign::test::replaced;
using sign::test::signed_bundle;
using wmk::test::must;

// Bytes 0 to 31, as in tests/vectors/key/plain.key.
inline crypto::SecretBytes example_master() {
  Bytes bytes(32);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  return crypto::SecretBytes::take(bytes);
}

// That of tests/vectors/commitment, before its key and signer are filled in.
inline Commitment example_commitment() {
  Commitment out;
  out.subject = "base";
  out.base = Bytes(32, std::byte{0x11});
  out.mark = {"ctss-v1", 0.004, 2, {{true, true, false}}, 576, 79626240, true};
  out.alpha = 0.001;
  out.lambda = 12;
  out.rules = Bytes(32, std::byte{0x22});
  out.program = "weightmark 0.1.0";
  for (size_t i = 0; i < kNonceBytes; ++i) out.nonce.push_back(static_cast<std::byte>(32 + i));
  return out;
}

// A commitment of example_master() that is signed by p256, and one share of it.
struct Owner {
  Owner() : master(example_master()), key(private_key()), content(example_commitment()) {
    made = must(commit(content, master, {key}));
  }
  std::string disclosure(unsigned share = 1) const {
    return must(disclose({content, made.digest, master, share, "The court", "2026-1"}, {key}))
        .bundle;
  }
  std::string disclosed_payload(unsigned share = 1) const {
    return disclosure_text({made.digest, "2026-1", "The court",
                            open_share(master, content.nonce, content.signer, share)});
  }

  crypto::SecretBytes master;
  sign::PrivateKey key;
  Commitment content;
  Signed made;
};

inline std::string codes(const sign::Findings& findings) {
  sign::Verification verification;
  verification.findings = findings;
  return sign::test::SignedModel::codes(verification);
}

// Trust in the owner's key, or in another one.
struct Trusted {
  explicit Trusted(std::string_view name = "p256") : key(public_key(name)) { trust.key = &key; }
  sign::PublicKey key;
  Trust trust;
};

inline std::string answer_to_commitment(const std::string& bundle,
                                        std::string_view trusted = "p256") {
  const Trusted by(trusted);
  return codes(must(check_commitment(bundle, by.trust)).findings());
}

inline std::string answer_to_disclosure(const std::string& file,
                                        const std::string& commitment = "") {
  const Trusted by;
  const auto checked = must(check_disclosure(file, commitment, by.trust));
  return codes(checked.verification.findings);
}

inline std::string vector_text(std::string_view name) {
  const std::string text = wmk::test::content_of(std::filesystem::path(WMK_SOURCE_DIR) /
                                                 "tests/vectors/commitment" / name);
  return text.substr(0, text.size() - 1);
}

}  // namespace wmk::claims::test
