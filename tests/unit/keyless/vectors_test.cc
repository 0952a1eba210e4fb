// Bundles that Sigstore's own programs and instances made (tests/vectors/sigstore), about a file.
#include "base/file.h"
#include "tests/unit/keyless/keyless_model.h"

namespace wmk::sign::test {

namespace {

constexpr std::string_view kJob =
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/"
    "workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
constexpr std::string_view kDigestOfA =
    "sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf";

std::filesystem::path sigstore_vector(std::string_view name) {
  return std::filesystem::path(WMK_SOURCE_DIR) / "tests" / "vectors" / "sigstore" / name;
}

struct Asked {
  std::string bundle, root, artifact = "a.txt";
};

class ArtifactCheck {
 public:
  explicit ArtifactCheck(const Asked& asked) : root_(read_root(asked.root)) {
    request.model = sigstore_vector(asked.artifact);
    request.signature = sigstore_vector(asked.bundle + ".json");
    request.trusted_root = &root_;
    request.identity = {std::string(kJob), "https://token.actions.githubusercontent.com"};
  }
  Verification verification() const {
    auto out = verify_artifact(request);
    REQUIRE(out);
    return std::move(*out);
  }
  std::string answer() const { return SignedModel::codes(verification()); }

  VerifyRequest request;

 private:
  static TrustedRoot read_root(const std::string& name) {
    auto root = TrustedRoot::read(sigstore_vector(name + ".root.json"));
    REQUIRE(root);
    return std::move(*root);
  }
  TrustedRoot root_;
};

const std::vector<Asked> kGood = {{"message", "public"},
                                  {"message-v0.1", "public"},
                                  {"statement", "public"},
                                  {"mock", "mock", "mock.artifact"},
                                  {"local", "local"},
                                  {"rekor2", "staging"},
                                  {"rekor2-statement", "staging"}};

}  // namespace

TEST_CASE("bundles of Sigstore's instances verify, by file and by digest", "[keyless]") {
  for (const Asked& asked : kGood) {
    CAPTURE(asked.bundle);
    ArtifactCheck check(asked);
    const Verification found = check.verification();
    CHECK(SignedModel::codes(found) == "good");
    CHECK(found.entries.size() == 1);
    REQUIRE(found.artifact);
    const bool statement = asked.bundle.find("message") == std::string::npos &&
                           asked.bundle != "local" && asked.bundle != "rekor2";
    CHECK(found.artifact->predicate_type.empty() != statement);
    check.request.model = cat("sha256:", to_hex(found.artifact->sha256));
    CHECK(check.answer() == "good");
  }
}

TEST_CASE("another file than the one that was signed is a no", "[keyless][bad-input]") {
  for (const Asked& asked : kGood) {
    CAPTURE(asked.bundle);
    ArtifactCheck check(asked);
    check.request.model = sigstore_vector("key.pub.pem");
    CHECK(check.answer() == "artifact_differs");
    check.request.model = "sha256:" + std::string(64, '0');
    CHECK(check.answer() == "artifact_differs");
  }
  ArtifactCheck check(kGood[0]);
  check.request.model = std::string(kDigestOfA.substr(0, kDigestOfA.size() - 1));
  CHECK_FALSE(verify_artifact(check.request));  // no digest, and no such file
}

TEST_CASE("each kind of entry is about one content, signature and certificate",
          "[keyless][bad-input]") {
  const Bytes other_certificate = shared_instance().signer().der();
  for (const Asked& asked : kGood) {
    CAPTURE(asked.bundle);
    const auto text = read_text(sigstore_vector(asked.bundle + ".json"), kBundleBytesMax);
    REQUIRE(text);
    Findings findings;
    auto bundle = parse_bundle(*text, findings, {.log_entries = true, .artifact = true});
    REQUIRE((bundle && *bundle));
    const auto key = certified_key((*bundle)->certificates[0], "the signer");
    REQUIRE(key);
    SignedContent content;
    if ((*bundle)->plain) {
      content.sha256 = (*bundle)->artifact_digest;
    } else {
      content.message = pre_authentication(kPayloadType, (*bundle)->payload);
      content.payload = (*bundle)->payload;
    }
    const auto is_about_it = [&](const SignedContent& what, ByteView certificate, ByteView made) {
      Findings ignored;
      return is_about((*bundle)->entries[0], {*key, certificate, made, what}, ignored);
    };
    const Bytes &certificate = (*bundle)->certificates[0], &made = (*bundle)->signature;
    CHECK(is_about_it(content, certificate, made));
    CHECK_FALSE(is_about_it(content, other_certificate, made));
    CHECK_FALSE(is_about_it(content, {}, made));
    Bytes changed = made;
    changed.back() ^= std::byte{1};
    CHECK_FALSE(is_about_it(content, certificate, changed));
    SignedContent other = content;
    if (other.message) {
      other.payload += " ";
      other.message = pre_authentication(kPayloadType, other.payload);
    } else {
      other.sha256[3] ^= std::byte{1};
    }
    CHECK_FALSE(is_about_it(other, certificate, made));
  }
}

TEST_CASE("bundles of one Sigstore instance do not verify with another's root",
          "[keyless][bad-input]") {
  for (const Asked& asked : kGood) {
    for (const std::string root : {"public", "staging", "mock", "local"}) {
      if (root == asked.root) continue;
      CAPTURE(asked.bundle, root);
      // The timestamp of `local` is by the authority of the public instance.
      const bool known_time = asked.bundle == "local" && root == "public";
      CHECK(ArtifactCheck({asked.bundle, root, asked.artifact}).answer() ==
            (known_time ? "certificate_untrusted" : "timestamp_missing"));
    }
  }
}

TEST_CASE("a bundle by a key is in the public log, too", "[keyless][bad-input]") {
  ArtifactCheck check({"key", "public"});
  CHECK(check.answer() == "verification_material");
  const auto key = PublicKey::read(sigstore_vector("key.pub.pem"));
  REQUIRE(key);
  check.request.key = &*key;
  CHECK(check.answer() == "good");
  const PublicKey other = public_key();
  check.request.key = &other;
  CHECK(check.answer() == "key_hint");
}

TEST_CASE("a bundle about a file is not one about a model", "[keyless][bad-input]") {
  for (const Asked& asked : kGood) {
    ArtifactCheck check(asked);
    const auto found = verify_model(check.request);
    REQUIRE(found);
    const std::string codes = SignedModel::codes(*found);
    CAPTURE(asked.bundle, codes);
    CHECK((codes == "media_type" || codes == "bundle_malformed" || codes == "predicate_type"));
  }
}

TEST_CASE("a statement about a file must be one of in-toto", "[keyless][bad-input]") {
  KeylessModel model;
  const auto asked = [&](std::string_view type, std::string_view subject) {
    const std::string payload = cat(
        R"({"_type":")", type, R"(","predicateType":"x","predicate":{},"subject":)", subject, "}");
    model.scratch.put("simple.sig", shared_instance().bundle(payload, Rekor::second).text());
    model.request.model = std::string(kDigestOfA);
    const auto found = verify_artifact(model.request);
    REQUIRE(found);
    return SignedModel::codes(*found);
  };
  const std::string_view type = "https://in-toto.io/Statement/v1";
  const std::string subject = cat(R"([{},{"digest":{"sha256":")", kDigestOfA.substr(7), R"("}}])");
  CHECK(asked(type, subject) == "good");
  CHECK(asked("https://in-toto.io/Statement/v0.1", subject) == "good");
  CHECK(asked("https://in-toto.io/Statement/v2", subject) == "statement_type");
  CHECK(asked(type, "[]") == "artifact_differs");
  CHECK(asked(type, "{}") == "artifact_differs");
}

// Run by its name to write the bundles of tests/cli/keyless.txt anew.
TEST_CASE("write the vectors of a made instance", "[.][write-vectors]") {
  const SigstoreInstance& instance = shared_instance();
  const auto put = [](std::string_view name, const std::string& text) {
    std::ofstream(sigstore_vector(name), std::ios::binary) << text << "\n";
  };
  put("made.root.json", instance.trusted_root());
  put("model.json", good_parts(Rekor::second).text());
  put("model-v1.json", good_parts(Rekor::first).text());
  put("unpublished.json", good_parts(Rekor::second, {.published = false}).text());
  BundleParts parts = good_parts(Rekor::first);
  parts.entries[0].promise.clear();
  put("unpromised.json", parts.text());
  parts = good_parts(Rekor::second);
  parts.entries = good_parts(Rekor::second).entries;
  put("other-entry.json", parts.text());
}

}  // namespace wmk::sign::test
