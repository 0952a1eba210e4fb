// Proofs of logs, and requests to witnesses.
#include "claims/log/check_proof.h"
#include "claims/log/witness.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = wmk::fuzz::as_input(data, size);
  static const auto policy = wmk::claims::Policy::of_log(*wmk::crypto::NoteVerifier::parse(
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"));
  const auto proof = wmk::claims::parse_tlog_proof(input);
  if (proof) {
    if (wmk::claims::tlog_proof_text(*proof) != input) __builtin_trap();
    wmk::claims::LogReasons reasons;
    // Nobody can sign for this key, so nothing can be proven.
    const auto proven = wmk::claims::check_proof({}, *proof, policy, reasons);
    if (proven && *proven) __builtin_trap();
  }
  const auto request = wmk::claims::parse_witness_request(input);
  if (request && wmk::claims::witness_request_text(*request) != input) __builtin_trap();
  return 0;
}
