// Notes, checkpoints and keys of logs, each from the same bytes.
#include "claims/log/policy.h"
#include "crypto/note_signer.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = wmk::fuzz::as_input(data, size);
  const auto note = wmk::crypto::parse_note(input);
  if (note) {
    std::string again = note->text + "\n";
    for (const auto& each : note->signatures) again += wmk::crypto::note_signature_line(each);
    if (again != input) __builtin_trap();  // one note has one form
  }
  const auto checkpoint = wmk::crypto::parse_checkpoint(input);
  if (checkpoint && wmk::crypto::checkpoint_text(*checkpoint) != input) __builtin_trap();
  const auto key = wmk::crypto::NoteVerifier::parse(input);
  if (key && key->vkey() != input) __builtin_trap();
  if (key && note) (void)key->answer(*note);
  const auto signer = wmk::crypto::NoteSigner::parse(input);
  if (signer) (void)signer->file_content();
  static const auto policy = wmk::claims::Policy::of_log(*wmk::crypto::NoteVerifier::parse(
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"));
  wmk::claims::LogReasons reasons;
  const auto signed_note = wmk::claims::parse_signed_checkpoint(input);
  if (signed_note) (void)policy.judge(*signed_note, reasons);
  return 0;
}
