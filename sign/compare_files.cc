#include "sign/compare_files.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "sign/manifest/hash_files.h"
#include "sign/manifest/path_rules.h"

namespace wmk::sign {

namespace {

// A resource and the file that it speaks of.
struct Pair {
  const Resource* resource;
  const TreeEntry* entry;
};

// A single file may be named "." (as the reference does) or by its name (as the standard says).
const TreeEntry* entry_for(const ModelTree& tree, const Resource& resource,
                           const VerifyRequest& request) {
  if (!tree.is_single_file()) return tree.find(resource.name);
  const bool is_it = resource.name == kSingleFileName || resource.name == model_name(request.model);
  return is_it ? tree.find(kSingleFileName) : nullptr;
}

std::vector<Pair> paired(const ModelTree& tree, const Statement& statement,
                         const VerifyRequest& request, Findings& findings) {
  std::vector<Pair> pairs;
  for (const Resource& resource : statement.resources) {
    const TreeEntry* const entry = entry_for(tree, resource, request);
    if (entry == nullptr) {
      findings.no(Code::file_missing, "is missing", resource.name);
    } else if (entry->kind == TreeEntry::Kind::link) {
      findings.no(Code::symlink, "is a symbolic link where a file was signed", resource.name);
    } else if (entry->kind == TreeEntry::Kind::special) {
      findings.no(Code::special_file, "is no regular file", resource.name);
    } else {
      pairs.push_back({&resource, entry});
    }
  }
  return pairs;
}

void compare_digests(const ModelTree& tree, const std::vector<Pair>& pairs, Hash hash,
                     const VerifyRequest& request, Verdict& verdict) {
  std::vector<const TreeEntry*> files;
  for (const Pair& pair : pairs) files.push_back(pair.entry);
  const auto digests = hash_files(tree, files, hash, request.threads, request.progress);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const std::string& name = pairs[i].resource->name;
    if (digests[i].digest.empty()) {
      verdict.findings.no(digests[i].fault, digests[i].text, name);
    } else if (digests[i].digest != pairs[i].resource->digest) {
      verdict.findings.no(
          Code::file_differs,
          cat("has ", word(hash), " ", to_hex(digests[i].digest).substr(0, 16), "..., signed was ",
              to_hex(pairs[i].resource->digest).substr(0, 16), "..."),
          name);
    } else {
      verdict.covered.push_back({name, digests[i].seen});
      verdict.covered_bytes += pairs[i].entry->bytes;
    }
  }
}

// A file that the manifest does not name, and that nothing excuses.
void refuse_extra(const TreeEntry& entry, Findings& findings) {
  switch (entry.kind) {
    case TreeEntry::Kind::link:
      findings.no(Code::symlink, "is a symbolic link that was not signed", entry.name);
      break;
    case TreeEntry::Kind::special:
      findings.no(Code::special_file, "is neither a file nor a folder", entry.name);
      break;
    default:
      const bool sayable = is_utf8(entry.name);
      findings.no(sayable ? Code::file_extra : Code::file_name,
                  cat("was not signed (", si(static_cast<double>(entry.bytes), "B"), ")"),
                  entry.name);
  }
}

void list_uncovered(const ModelTree& tree, const std::vector<Pair>& pairs,
                    const VerifyRequest& request, Verdict& verdict) {
  std::unordered_set<const TreeEntry*> covered;
  for (const Pair& pair : pairs) covered.insert(pair.entry);
  for (const TreeEntry& entry : tree.entries()) {
    if (covered.contains(&entry)) continue;
    const bool ignored = !entry.ignored_by.empty();
    const bool bundle = !ignored && is_other_bundle(tree, entry);
    if (!ignored && !bundle && !request.ignore_unsigned_files) {
      refuse_extra(entry, verdict.findings);
      continue;
    }
    add_uncovered(verdict.uncovered, entry, ignored ? "ignored" : bundle ? "bundle" : "unsigned");
    if (is_weights_name(entry.name) && !request.allow_uncovered) {
      verdict.findings.no(Code::weights_uncovered, "looks like weights, and is not covered",
                          entry.name);
    }
  }
}

// Names that a file system may take for one: here they are two files, elsewhere one overwrites the
// other.
void note_alike(const Statement& statement, Findings& findings) {
  std::vector<std::pair<std::string, std::string_view>> names;
  for (const Resource& resource : statement.resources) {
    names.emplace_back(folded(resource.name), resource.name);
  }
  std::ranges::sort(names);
  for (size_t i = 1; i < names.size(); ++i) {
    if (names[i].first == names[i - 1].first) {
      findings.note(cat("'", escaped(names[i - 1].second), "' and '", escaped(names[i].second),
                        "' are one name on some file systems"));
    }
  }
}

}  // namespace

void compare_files(const ModelTree& tree, const Statement& statement, const VerifyRequest& request,
                   Verdict& verdict) {
  note_alike(statement, verdict.findings);
  const auto pairs = paired(tree, statement, request, verdict.findings);
  compare_digests(tree, pairs, statement.hash, request, verdict);
  list_uncovered(tree, pairs, request, verdict);
}

}  // namespace wmk::sign
