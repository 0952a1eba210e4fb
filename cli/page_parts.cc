#include "cli/page_parts.h"

#include "base/text.h"
#include "report/page.h"

namespace wmk::cli {

namespace {

using report::Html;

std::string parameters(const ModelView& model) {
  double elements = 0;
  for (const auto& tensor : model.checkpoint.tensors()) {
    elements += static_cast<double>(tensor.elements());
  }
  return si(elements);
}

}  // namespace

std::string shell_word(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_./+=:,@%-") == std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string capitalised(std::string_view sentence) {
  std::string out(sentence);
  if (!out.empty() && out.front() >= 'a' && out.front() <= 'z') out.front() += 'A' - 'a';
  return out;
}

void add_fact(const char* name, std::string_view value, Html& page) {
  page.element("dt", name).open("dd").name(value).close();
}

void begin_reproduction(const std::string& command, const char* rules, Html& page) {
  page.element("h2", "How to reproduce this result");
  page.element(
      "p",
      "The same files, key, program and command give the same verdict, and the same z to within "
      "0.05, on any machine and with any number of threads. This page has no date.");
  page.open("pre").element("code", command).close();
  page.open("dl");
  add_fact("Program", cat("weightmark ", WMK_VERSION), page);
  add_fact("Rules", cat(rules, " in the source of the program"), page);
}

void add_model(const char* role, const std::string& path, const ModelView& model, Html& page) {
  const auto& anatomy = model.anatomy;
  page.open("div", {{"class", "card"}}).element("p", role, {{"class", "eyebrow"}});
  page.open("h3").name(path).close().open("dl");
  add_fact("Format", model.checkpoint.format(), page);
  add_fact("Architecture", cat(anatomy.family, ", ", parameters(model), " parameters"), page);
  add_fact("Layers", cat(anatomy.layer_count(), " of width ", anatomy.width), page);
  add_fact("Experts",
           anatomy.expert_count() == 0 ? "none" : cat(anatomy.expert_count(), " per layer"), page);
  if (!model.checkpoint.quantisation().empty()) {
    add_fact("Quantised", model.checkpoint.quantisation(), page);
  }
  page.close().close();
}

void add_files(const char* caption, const std::vector<FileDigest>& files, Html& page) {
  report::Table table{caption, {"File", "Bytes", "SHA-256"}, {}};
  for (const FileDigest& file : files) {
    table.rows.push_back({{file.name, false, ""},
                          {std::to_string(file.bytes), true, ""},
                          {file.sha256, false, "", "digest"}});
  }
  report::add_table(table, page);
}

}  // namespace wmk::cli
