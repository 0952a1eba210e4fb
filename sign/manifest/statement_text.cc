// Writing statements; see sign/manifest/statement.h.
#include "base/json.h"
#include "sign/manifest/statement.h"

namespace wmk::sign {

Bytes root_digest(const std::vector<Resource>& resources) {
  Hasher hasher(Hash::sha256);
  for (const Resource& resource : resources) hasher.absorb(resource.digest);
  return hasher.finish();
}

std::string statement_text(const Statement& statement) {
  json::Writer out;
  out.begin_object().member("_type", kStatementType).key("subject").begin_array();
  out.begin_object().member("name", statement.subject).key("digest").begin_object();
  out.member("sha256", to_hex(root_digest(statement.resources)));
  out.end_object().end_object().end_array();
  out.member("predicateType", kPredicateType).key("predicate").begin_object();
  out.key("resources").begin_array();
  for (const Resource& resource : statement.resources) {
    out.begin_object().member("name", resource.name).member("algorithm", to_string(statement.hash));
    out.member("digest", to_hex(resource.digest)).end_object();
  }
  out.end_array().key("serialization").begin_object().member("method", "files");
  out.member("hash_type", to_string(statement.hash)).member("allow_symlinks", false);
  if (!statement.ignore_paths.empty()) {
    out.key("ignore_paths").begin_array();
    for (const std::string& path : statement.ignore_paths) out.value(path);
    out.end_array();
  }
  std::string text = out.end_object().end_object().end_object().finish();
  text.pop_back();  // the newline
  return text;
}

}  // namespace wmk::sign
