#include "sign/compare_files.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "base/utf8.h"
#include "sign/manifest/case_fold.h"
#include "sign/manifest/hash_files.h"
#include "sign/manifest/path_rules.h"

namespace wmk::sign {

namespace {

// A resource of the manifest and the file of that name.
struct SignedFile {
  const Resource* resource;
  const TreeEntry* entry;
};

// A single file may be named "." (by the reference implementation) or by its name (by the
// standard).
const TreeEntry* entry_for(const ModelTree& tree, const Resource& resource,
                           const VerifyRequest& request) {
  if (!tree.is_single_file()) return tree.find(resource.name);
  const bool is_it = resource.name == kSingleFileName || resource.name == model_name(request.model);
  return is_it ? tree.find(kSingleFileName) : nullptr;
}

std::vector<SignedFile> signed_files(const ModelTree& tree, const Statement& statement,
                                     const VerifyRequest& request, Findings& findings) {
  std::vector<SignedFile> found;
  for (const Resource& resource : statement.resources) {
    const TreeEntry* const entry = entry_for(tree, resource, request);
    if (entry == nullptr) {
      findings.no(Code::file_missing, "is missing", resource.name);
    } else if (entry->kind == EntryKind::link) {
      findings.no(Code::symlink, "is a symbolic link, but a file was signed", resource.name);
    } else if (entry->kind == EntryKind::special) {
      findings.no(Code::special_file, "is not a regular file", resource.name);
    } else {
      found.push_back({&resource, entry});
    }
  }
  return found;
}

void compare_digests(const ModelTree& tree, const std::vector<SignedFile>& files, Hash hash,
                     const VerifyRequest& request, Verification& verification) {
  std::vector<const TreeEntry*> entries;
  for (const SignedFile& file : files) entries.push_back(file.entry);
  const auto hashed = hash_files(tree, entries, hash, request.threads, request.progress);
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string& name = files[i].resource->name;
    if (hashed[i].digest.empty()) {
      verification.findings.no(hashed[i].fault, hashed[i].text, name);
    } else if (hashed[i].digest != files[i].resource->digest) {
      verification.findings.no(
          Code::file_differs,
          cat("has ", to_string(hash), " ", to_hex(hashed[i].digest).substr(0, 16), "..., but ",
              to_hex(files[i].resource->digest).substr(0, 16), "... was signed"),
          name);
    } else {
      verification.covered.push_back({name, hashed[i].state});
      verification.covered_bytes += files[i].entry->bytes;
    }
  }
}

// A file that is neither in the manifest nor ignored.
void refuse_extra(const TreeEntry& entry, Findings& findings) {
  switch (entry.kind) {
    case EntryKind::link:
      findings.no(Code::symlink, "is a symbolic link and is not signed", entry.name);
      break;
    case EntryKind::special:
      findings.no(Code::special_file, "is neither a file nor a folder", entry.name);
      break;
    default:
      const bool printable = is_utf8(entry.name);
      findings.no(printable ? Code::file_extra : Code::file_name,
                  cat("is not signed (", si(static_cast<double>(entry.bytes), "B"), ")"),
                  entry.name);
  }
}

void list_uncovered(const ModelTree& tree, const std::vector<SignedFile>& files,
                    const VerifyRequest& request, Verification& verification) {
  std::unordered_set<const TreeEntry*> covered;
  for (const SignedFile& file : files) covered.insert(file.entry);
  for (const TreeEntry& entry : tree.entries()) {
    if (covered.contains(&entry)) continue;
    const bool ignored = !entry.ignored_by.empty();
    const bool bundle = !ignored && is_other_bundle(tree, entry);
    if (!ignored && !bundle && !request.ignore_unsigned_files) {
      refuse_extra(entry, verification.findings);
      continue;
    }
    add_uncovered(verification.uncovered, entry,
                  ignored  ? "ignored"
                  : bundle ? "bundle"
                           : "unsigned");
    if (is_weights(tree, entry) && !request.allow_uncovered) {
      verification.findings.no(Code::weights_uncovered, "is a weights file and is not signed",
                               entry.name);
    }
  }
}

// Notes names that are the same on case-insensitive file systems, where one file would overwrite
// the other.
void note_name_collisions(const Statement& statement, Findings& findings) {
  std::vector<std::pair<std::string, std::string_view>> names;
  for (const Resource& resource : statement.resources) {
    names.emplace_back(case_folded(resource.name), resource.name);
  }
  std::ranges::sort(names);
  for (size_t i = 1; i < names.size(); ++i) {
    if (names[i].first == names[i - 1].first) {
      findings.note(cat("'", escaped(names[i - 1].second), "' and '", escaped(names[i].second),
                        "' are the same name on some file systems"));
    }
  }
}

}  // namespace

void compare_files(const ModelTree& tree, const Statement& statement, const VerifyRequest& request,
                   Verification& verification) {
  note_name_collisions(statement, verification.findings);
  const auto files = signed_files(tree, statement, request, verification.findings);
  compare_digests(tree, files, statement.hash, request, verification);
  list_uncovered(tree, files, request, verification);
}

}  // namespace wmk::sign
