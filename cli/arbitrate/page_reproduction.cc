// Section 10 of a report: commands that repeat its findings, most of them without this program.
#include <algorithm>

#include "base/text.h"
#include "cli/arbitrate/page_sections.h"
#include "cli/page_parts.h"

namespace wmk::cli {

namespace {

using report::Html;

void add_option(const char* name, const std::string& value, std::string& out) {
  if (!value.empty()) out += cat(" ", name, " ", shell_word(value));
}

void add_options(const char* name, const std::vector<std::string>& values, std::string& out) {
  for (const std::string& each : values) add_option(name, each, out);
}

void add_command(const std::string& command, Html& page) {
  page.open("pre", {{"class", "command"}}).element("code", command).close();
}

// The line of claims.jsonl that has this statement, from 1; 0: none.
size_t line_of(const claims::Party& party, const std::string& digest) {
  for (const claims::ClaimLine& each : party.lines) {
    if (to_hex(claims::commitment_digest(each.bundle.payload)) == digest) return each.number;
  }
  return 0;
}

// Takes the signed bytes out of the bundle: payload, signature, and the encoding that was signed.
constexpr const char* kUnpack =
    "python3 -c 'import base64, json; e = json.load(open(\"commitment.json\"))[\"dsseEnvelope\"]; "
    "p = base64.b64decode(e[\"payload\"]); t = e[\"payloadType\"].encode(); "
    "open(\"payload\", \"wb\").write(p); "
    "open(\"signed\", \"wb\").write(b\"DSSEv1 %d %s %d %s\" % (len(t), t, len(p), p)); "
    "open(\"signature\", \"wb\").write(base64.b64decode(e[\"signatures\"][0][\"sig\"]))'";

// The claimant's public key; of a certificate the file that the first command writes.
std::string key_file(const CaseAnswer& answer) {
  const claims::TrustedKey& signer = *answer.all.claimant.signer;
  return signer.subject.empty() ? shell_word(cat(answer.options.trust, "/keys/", signer.file))
                                : std::string("claimant.pub");
}

// The program's other commands take a key for bundles that name a key.
bool is_named_by_key(const claims::Party& party) {
  return std::ranges::none_of(party.lines, [](const claims::ClaimLine& line) {
    return line.bundle.material != sign::Bundle::Material::public_key;
  });
}

void add_commitment_commands(const CaseAnswer& answer, Html& page) {
  const claims::Party& party = answer.all.claimant;
  const std::string claims = shell_word(answer.options.claim + "/claims.jsonl");
  const std::string key = key_file(answer);
  page.element("p", cat("The commitment, its digest ", party.committed.digest,
                        " and its signature, without this program:"));
  if (!party.signer->subject.empty()) {
    add_command(
        cat("openssl x509 -pubkey -noout -in ",
            shell_word(cat(answer.options.trust, "/keys/", party.signer->file)), " > ", key),
        page);
  }
  add_command(
      cat("sed -n ", line_of(party, party.committed.digest), "p ", claims, " > commitment.json"),
      page);
  add_command(kUnpack, page);
  add_command("sha256sum payload", page);
  const std::string_view curve = party.key().curve();
  const char* const hash = curve == "P-384" ? "384" : curve == "P-521" ? "512" : "256";
  add_command(cat("openssl dgst -sha", hash, " -verify ", key, " -signature signature signed"),
              page);
  page.element("p", "The same by this program, and the commitment's place in the log:");
  if (is_named_by_key(party)) {
    add_command(cat("weightmark commit verify commitment.json --public-key ", key), page);
  }
  if (party.committed.logged) {
    add_command(
        cat("weightmark log check ",
            shell_word(cat(answer.options.claim, "/proofs/", party.committed.logged->proof)),
            " commitment.json --public-key ", key, " --policy ",
            shell_word(answer.options.trust + "/policy")),
        page);
  }
}

void add_link_commands(const CaseAnswer& answer, Html& page) {
  const claims::Party& party = answer.all.claimant;
  if (answer.options.suspect.empty() || !party.disclosure || !is_named_by_key(party)) return;
  page.element("p", "The disclosed share in the suspect:");
  add_command(cat("sed -n '", line_of(party, party.committed.digest), "p;",
                  line_of(party, party.disclosed.digest), "p' ",
                  shell_word(answer.options.claim + "/claims.jsonl"), " > disclosure.jsonl"),
              page);
  std::string command = cat("weightmark detect ", shell_word(answer.options.suspect),
                            " --disclosure disclosure.jsonl --public-key ", key_file(answer));
  if (answer.all.facts->is_committed_release == true) {
    add_option("--release", answer.options.release, command);
  }
  add_options("--control", answer.options.controls, command);
  add_command(command, page);
}

}  // namespace

std::string arbitrate_command_line(const ArbitrateOptions& options) {
  std::string out = "weightmark arbitrate";
  add_option("--claim", options.claim, out);
  add_option("--trust", options.trust, out);
  add_option("--suspect", options.suspect, out);
  add_options("--logits", options.logits, out);
  add_option("--tokenizer", options.tokenizer, out);
  add_option("--acquisition", options.acquisition, out);
  add_options("--control", options.controls, out);
  add_options("--log", options.logs, out);
  add_option("--release", options.release, out);
  add_option("--counterclaim", options.counterclaim, out);
  add_option("--counter-release", options.counter_release, out);
  add_options("--ignore-paths", options.ignore_paths, out);
  return out;
}

void add_reproduction(const CaseAnswer& answer, Html& page) {
  page.element("h2", "How to reproduce this result");
  page.element("p",
               "Run from the folder in which this report was made. The same files and program give "
               "the same verdict, and the same z to within 0.05, on any machine.");
  add_command(arbitrate_command_line(answer.options), page);
  if (answer.all.claimant.signer == nullptr) return;
  add_commitment_commands(answer, page);
  add_link_commands(answer, page);
  for (const std::string& log : answer.options.logs) {
    add_command(cat("weightmark log verify ", shell_word(log), " --policy ",
                    shell_word(answer.options.trust + "/policy"), " --signer ", key_file(answer)),
                page);
  }
}

}  // namespace wmk::cli
