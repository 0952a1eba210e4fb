// Keyless bundles: the entry in a transparency log, its proof and its checkpoint.
#include "crypto/note.h"
#include "sign/keyless/log_body.h"
#include "tests/unit/keyless/keyless_model.h"

namespace wmk::sign::test {

namespace {

// The bundle's entry with its body replaced; the log takes any body.
BundleParts with_body(BundleParts parts, Rekor rekor, std::string body) {
  parts.entries[0].body = std::move(body);
  shared_instance().enter(parts.entries[0], rekor);
  return parts;
}

const std::string kWitnessLine =
    "\xE2\x80\x94 witness.example AAAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n";

}  // namespace

TEST_CASE("a log's entry for another signature is refused", "[keyless][bad-input]") {
  const KeylessModel model;
  for (const Rekor rekor : {Rekor::first, Rekor::second}) {
    const MadeCertificate signer = shared_instance().signer();
    const auto entry_for = [&](const std::string& payload) {
      const BundleParts other = shared_instance().signed_by(signer, payload);
      return shared_instance().entry(other, signer, rekor);
    };
    BundleParts parts = shared_instance().signed_by(signer, good_payload());
    parts.timestamps = {shared_instance().timestamp(parts.signature)};
    parts.entries = {entry_for(good_payload())};  // the same payload signed once more
    CHECK(model.answer_to(parts) == "log_entry");
    parts.entries = {entry_for("{}")};
    CHECK(model.answer_to(parts) == "log_entry");
    // The same payload and signature, under another certificate.
    parts.entries = {shared_instance().entry(parts, shared_instance().signer(), rekor)};
    CHECK(model.answer_to(parts) == "log_entry");
    parts.entries = {shared_instance().entry(parts, signer, rekor)};
    CHECK(model.answer_to(parts) == "good");
  }
}

TEST_CASE("a wrong signature is refused although it is in the log", "[keyless][bad-input]") {
  const KeylessModel model;
  for (const Rekor rekor : {Rekor::first, Rekor::second}) {
    const MadeCertificate signer = shared_instance().signer();
    BundleParts parts = shared_instance().signed_by(signer, "another payload");
    parts.payload = good_payload();
    parts.timestamps = {shared_instance().timestamp(parts.signature)};
    parts.entries = {shared_instance().entry(parts, signer, rekor)};
    CHECK(model.answer_to(parts) == "signature_invalid");
  }
}

TEST_CASE("a body of Rekor v2 must be the expected bytes", "[keyless][bad-input]") {
  const KeylessModel model;
  const BundleParts parts = good_parts(Rekor::second);
  const std::string& body = parts.entries[0].body;
  CHECK(model.answer_to(with_body(parts, Rekor::second, body)) == "good");
  for (const std::string& other :
       {body + " ", " " + body, replaced(body, R"({"apiVersion")", R"({"a":0,"apiVersion")"),
        replaced(body, "P256_SHA_256", "P384_SHA_384")}) {
    CHECK(model.answer_to(with_body(parts, Rekor::second, other)) == "log_entry");
  }
}

TEST_CASE("a body of Rekor v1 must be of its kind, about payload, signature and certificate",
          "[keyless][bad-input]") {
  const KeylessModel model;
  const BundleParts parts = good_parts(Rekor::first);
  const std::string& body = parts.entries[0].body;
  CHECK(model.answer_to(with_body(parts, Rekor::first, " " + body)) == "good");
  for (const std::string& other :
       {std::string("{}"), std::string("not JSON"), replaced(body, R"("dsse")", R"("intoto")"),
        replaced(body, "0.0.1", "0.0.2"), replaced(body, "payloadHash", "payloadHasch"),
        replaced(body, R"({"signature")", R"({"kind":"dsse","kind":"dsse","signature")"),
        replaced(body, R"("signatures":[{)", R"("signatures":[{},{)")}) {
    CAPTURE(other);
    CHECK(model.answer_to(with_body(parts, Rekor::first, other)) == "log_entry");
  }
  BundleParts renamed = parts;
  renamed.entries[0].kind = "hashedrekord";
  CHECK(model.answer_to(renamed) == "log_entry");
}

TEST_CASE("an entry needs a proof that leads to a checkpoint of its log", "[keyless][bad-input]") {
  const KeylessModel model;
  const SigstoreInstance other("evil.example");
  for (const Rekor rekor : {Rekor::first, Rekor::second}) {
    const BundleParts good = good_parts(rekor);
    const auto changed = [&](auto change) {
      BundleParts parts = good;
      change(*parts.entries[0].proof);
      return model.answer_to(parts);
    };
    BundleParts without = good;
    without.entries[0].proof.reset();
    CHECK(model.answer_to(without) == "log_proof");
    CHECK(changed([](auto& proof) { proof.checkpoint.clear(); }) == "log_proof");
    CHECK(changed([](auto& proof) { proof.path[1][0] ^= std::byte{1}; }) == "log_proof");
    CHECK(changed([](auto& proof) { proof.path.pop_back(); }) == "log_proof");
    CHECK(changed([](auto& proof) { proof.path.push_back({}); }) == "log_proof");
    CHECK(changed([](auto& proof) { proof.size += 1; }) == "log_proof");
    CHECK(changed([](auto& proof) { proof.root[0] ^= std::byte{1}; }) == "log_proof");
    // What the checkpoint states need not be stated again.
    CHECK(changed([](auto& proof) { proof.size = 0, proof.root.clear(); }) == "good");
    // The checkpoint of another log for the same tree.
    BundleParts foreign = good;
    other.enter(foreign.entries[0], rekor);
    const std::string checkpoint = foreign.entries[0].proof->checkpoint;
    CHECK(changed([&](auto& proof) { proof.checkpoint = checkpoint; }) == "log_proof");
  }
}

TEST_CASE("each version has its own index of an entry", "[keyless][bad-input]") {
  const KeylessModel model;
  BundleParts first = good_parts(Rekor::first), second = good_parts(Rekor::second);
  first.entries[0].proof->index += 1;
  CHECK(model.answer_to(first) == "log_proof");
  first.entries[0].proof->index -= 1;
  first.entries[0].index += 1;  // the promise includes it
  CHECK(model.answer_to(first) == "log_proof");
  second.entries[0].proof->index += 1;  // ignored
  CHECK(model.answer_to(second) == "good");
  second.entries[0].index += 1;
  CHECK(model.answer_to(second) == "log_proof");
}

TEST_CASE("signatures of witnesses on a checkpoint are ignored, on any line",
          "[keyless][bad-input]") {
  const KeylessModel model;
  for (const Rekor rekor : {Rekor::first, Rekor::second}) {
    BundleParts parts = good_parts(rekor);
    std::string& checkpoint = parts.entries[0].proof->checkpoint;
    const std::string good = checkpoint;
    checkpoint = replaced(good, "\n\n", "\n\n" + kWitnessLine);
    CHECK(model.answer_to(parts) == "good");
    checkpoint = good + kWitnessLine;
    CHECK(model.answer_to(parts) == "good");
    checkpoint = good.substr(0, good.find("\n\n") + 2) + kWitnessLine;
    CHECK(model.answer_to(parts) == "log_proof");
  }
}

TEST_CASE("a wrong signature by the log itself refuses its checkpoint", "[keyless][bad-input]") {
  const KeylessModel model;
  BundleParts parts = good_parts(Rekor::second);
  std::string& checkpoint = parts.entries[0].proof->checkpoint;
  auto note = crypto::parse_note(checkpoint);
  REQUIRE(note);
  note->signatures[0].bytes[5] ^= std::byte{1};
  const std::string line = crypto::note_signature_line(note->signatures[0]);
  checkpoint += line;
  CHECK(model.answer_to(parts) == "log_proof");
  // The same key under another name is another signer.
  note->signatures[0].name = "log2.evil.example";
  note->signatures[0].bytes[5] ^= std::byte{1};
  checkpoint = note->text + "\n" + crypto::note_signature_line(note->signatures[0]);
  CHECK(model.answer_to(parts) == "log_proof");
}

TEST_CASE("a log's key under another name is another log", "[keyless][bad-input]") {
  const KeylessModel model;
  BundleParts parts = good_parts(Rekor::second);
  std::string& checkpoint = parts.entries[0].proof->checkpoint;
  const auto note = crypto::parse_note(checkpoint);
  REQUIRE(note);
  const std::string name = "log2.evil.example";
  const std::string text = name + note->text.substr(note->text.find('\n'));
  const KeyPointer& key = shared_instance().second_rekor;
  const Bytes id = LogKey::from_der(public_der(key))->note_id(name);
  crypto::NoteSignature line{name, {}, sign_with(key, as_bytes(text))};
  std::copy_n(id.begin(), line.id.size(), line.id.begin());
  checkpoint = text + "\n" + crypto::note_signature_line(line);
  CHECK(model.answer_to(parts) == "log_proof");
}

TEST_CASE("a checkpoint must name the log as its origin", "[keyless][bad-input]") {
  const KeylessModel model;
  for (const Rekor rekor : {Rekor::first, Rekor::second}) {
    BundleParts parts = good_parts(rekor);
    std::string& checkpoint = parts.entries[0].proof->checkpoint;
    auto note = crypto::parse_note(checkpoint);
    REQUIRE(note);
    const std::string text = "other.example" + note->text.substr(note->text.find('\n'));
    const auto& key =
        rekor == Rekor::first ? shared_instance().first_rekor : shared_instance().second_rekor;
    note->signatures[0].bytes = sign_with(key, as_bytes(text));
    checkpoint = text + "\n" + crypto::note_signature_line(note->signatures[0]);
    CHECK(model.answer_to(parts) == "log_proof");
  }
}

TEST_CASE("an entry of a log outside the trusted root proves nothing", "[keyless][bad-input]") {
  const KeylessModel model;
  const SigstoreInstance other("evil.example");
  BundleParts parts = good_parts(Rekor::second);
  other.enter(parts.entries[0], Rekor::second);
  CHECK(model.answer_to(parts) == "log_missing");
  CHECK(model.has_note(parts, "is of a log that is not trusted"));
  parts.entries.clear();
  CHECK(model.answer_to(parts) == "log_missing");
}

TEST_CASE("thresholds count operators, not entries or timestamps", "[keyless]") {
  KeylessModel model;
  model.request.logs_required = 2;
  const MadeCertificate signer = shared_instance().signer();
  BundleParts parts = shared_instance().signed_by(signer, good_payload());
  const Bytes stamp = shared_instance().timestamp(parts.signature);
  parts.timestamps = {stamp, shared_instance().timestamp(parts.signature, kSigningTime + 1)};
  const LogEntry first = shared_instance().entry(parts, signer, Rekor::first);
  const LogEntry second = shared_instance().entry(parts, signer, Rekor::second);
  parts.entries = {second, second};
  CHECK(model.answer_to(parts) == "log_missing");
  parts.entries = {first, second};
  CHECK(model.answer_to(parts) == "good");
  for (TrustedLog& log : model.root.logs) log.operator_name = "one";
  CHECK(model.answer_to(parts) == "log_missing");
  model.request.logs_required = 1;
  model.request.timestamps_required = 2;
  CHECK(model.answer_to(parts) == "good");
  parts.entries = {second};
  CHECK(model.answer_to(parts) == "timestamp_missing");
}

TEST_CASE("a user's own key can be required to be in a log", "[keyless]") {
  KeylessModel model;
  const PrivateKey own = private_key();
  const PublicKey key = public_key(), stranger = public_key("p384");
  model.request.key = &key;
  const auto logged = [&](const PrivateKey& with) {
    BundleParts parts;
    parts.payload = good_payload();
    auto signature = with.sign(as_bytes(pre_authentication(kPayloadType, parts.payload)));
    REQUIRE(signature);
    parts.signature = std::move(*signature);
    parts.hint = with.public_key().hint();
    LogEntry& entry = parts.entries.emplace_back();
    entry.kind = "hashedrekord";
    entry.version = "0.0.2";
    const Bytes digest = digest_for_key(with.public_key(),
                                        as_bytes(pre_authentication(kPayloadType, parts.payload)));
    entry.body = hashedrekord_body({with.public_key(), {}, digest, parts.signature});
    shared_instance().enter(entry, Rekor::second);
    return parts;
  };
  BundleParts parts = logged(own);
  CHECK(model.answer_to(parts) == "good");
  CHECK(model.verification(parts.text()).entries.size() == 1);
  parts.entries[0].body += " ";
  CHECK(model.answer_to(parts) == "log_entry");
  parts.entries.clear();
  CHECK(model.answer_to(parts) == "log_missing");
  model.request.key = &stranger;
  CHECK(model.answer_to(logged(own)) == "key_hint");
  CHECK(model.answer_to(logged(private_key("p384"))) == "good");  // with SHA-384
}

}  // namespace wmk::sign::test
