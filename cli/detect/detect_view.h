// What `detect` found, as text, as JSON and as an HTML page.
//
// Purpose: collects everything that the three forms need. Lifetime: refers to the detection and the
// model. Thread-safety: one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "claims/commit/check.h"
#include "cli/file_digests.h"
#include "cli/inputs.h"
#include "verify/detect.h"

namespace wmk::cli {

struct DetectView {
  const verify::Detection& found;
  ModelView model;
  // As given by the user; empty if not given.
  std::string path = {}, base = {}, record = {}, naming = {}, passphrase_file = {};
  std::string release = {}, original = {};
  std::vector<std::string> controls = {};
  // About the files as declared, where the answer is another reading's.
  std::vector<std::string> declared_notes = {};
  std::string fingerprint = {};  // of the key
  std::string disclosure_file = {};
  const claims::CheckedDisclosure* disclosure = nullptr;  // in place of a key
  std::optional<unsigned> shares = std::nullopt, share = std::nullopt;
  bool full = false, by_layer = false;
  std::string readings = "usual", sites = {};
  double alpha = verify::kDefaultAlpha;
  double seconds = 0;
  bool states_network = true;
  InputDigests digests = {};
  std::vector<FileDigest> files = {};  // only for a page
};

// Sentences about the model's files and the result, in JSON and on the page; as text they are on
// stderr and in the answer.
std::vector<std::string> all_notes(const DetectView& view);

// Whose mark was looked for: a key's, or a disclosing signer's. That a commitment names a key
// proves nothing about the key.
std::string owner_of(const DetectView& view);

std::string detect_json(const DetectView& view);
std::string detect_text(const DetectView& view);
// One self-contained HTML page (specs/cli.md 9). The same finding always gives the same bytes.
std::string detect_page(const DetectView& view);

}  // namespace wmk::cli
