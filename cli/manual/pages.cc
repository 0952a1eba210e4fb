#include "cli/manual/pages.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::cli {
namespace {

// Text as roff shows it unchanged: these characters would become typographic ones, or a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += c;
    }
  }
  return out.starts_with('.') ? cat("\\&", out) : out;
}

std::string bold(std::string_view text) { return cat("\\fB", roff(text), "\\fR"); }
std::string italic(std::string_view text) { return cat("\\fI", roff(text), "\\fR"); }

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) out += cat(out.empty() ? "" : between, part);
  return out;
}

std::string page_name(std::string path) {
  std::replace(path.begin(), path.end(), ' ', '-');
  return path;
}

// "-o, --out TEXT ...", or "model ...".
std::string term(const OptionEntry& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(bold(name));
  if (names.empty()) names.push_back(italic(option.positional));
  std::string out = joined(names, ", ");
  if (!option.names.empty() && option.takes_value()) out += cat(" ", italic(option.value));
  return option.repeatable ? out + " ..." : out;
}

std::string described(const OptionEntry& option) {
  std::string out = cat(".TP\n", term(option), "\n", roff(option.help), "\n");
  std::vector<std::string> more;
  if (option.required) more.push_back("Required.");
  if (!option.choices.empty()) more.push_back(cat("One of: ", joined(option.choices, ", "), "."));
  if (!option.range.empty()) more.push_back(cat("Limits: ", option.range, "."));
  if (!option.needs.empty()) more.push_back(cat("Needs ", joined(option.needs, ", "), "."));
  if (!option.excludes.empty())
    more.push_back(cat("Not with ", joined(option.excludes, ", "), "."));
  return more.empty() ? out : cat(out, ".br\n", roff(joined(more, " ")), "\n");
}

std::string synopsis(const CommandEntry& command) {
  std::string out = bold(command.path);
  for (const OptionEntry& option : command.options) {
    if (option.required) out += cat(" ", term(option));
  }
  out += cat(" [", italic("options"), "]");
  for (const OptionEntry& argument : command.arguments) {
    out += cat(" ", argument.required ? term(argument) : cat("[", term(argument), "]"));
  }
  if (command.commands.empty()) return out + "\n";
  const std::string named = cat(italic("command"), " ...");
  return cat(out, " ", command.needs_command ? named : cat("[", named, "]"), "\n");
}

std::string all_described(const std::vector<OptionEntry>& options) {
  std::string out;
  for (const OptionEntry& option : options) out += described(option);
  return out;
}

std::string subcommands(const CommandEntry& command) {
  std::string out;
  for (const CommandEntry& each : command.commands) {
    out += cat(".SS ", roff(each.path), "\n", roff(each.help), ".\n.PP\n", synopsis(each));
    out += all_described(each.arguments) + all_described(each.options) + subcommands(each);
  }
  return out;
}

// The line "KEY: text" of a command's footer.
std::string footer_part(const CommandEntry& command, std::string_view key) {
  const std::string& text = command.footer;
  const size_t begin = text.find(cat(key, ": "));
  if (begin == std::string::npos) return {};
  const size_t from = begin + key.size() + 2;
  return text.substr(from, text.find('\n', from) - from);
}

std::string page(const CommandEntry& command, const std::string& release, const std::string& date) {
  const std::string name = page_name(command.path);
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string out =
      cat(".TH ", title, " 1 ", date, " \"weightmark ", release, "\" \"User Commands\"\n.SH NAME\n",
          roff(name), " \\- ", roff(command.help), "\n.SH SYNOPSIS\n", synopsis(command));
  if (!command.arguments.empty()) {
    out += cat(".SH ARGUMENTS\n", all_described(command.arguments));
  }
  return cat(out, ".SH OPTIONS\n", all_described(command.options));
}

std::vector<std::string> examples(const CommandEntry& command) {
  std::vector<std::string> out;
  if (!command.needs_command) out.push_back(footer_part(command, "example"));
  for (const CommandEntry& each : command.commands) out.push_back(footer_part(each, "example"));
  return out;
}

std::string ending(const CommandEntry& command, const std::vector<std::string>& lines,
                   const std::vector<std::string>& related) {
  std::string out = ".SH EXAMPLES\n.nf\n";
  for (const std::string& line : lines) out += roff(line) + "\n";
  out += cat(".fi\n.SH EXIT STATUS\n", roff(footer_part(command, "exit codes")), "\n");
  out += ".SH SEE ALSO\n";
  for (const std::string& name : related) {
    out += cat(".BR ", roff(name), " (1)", name == related.back() ? "\n" : ",\n");
  }
  return out;
}

}  // namespace

std::vector<ManPage> man_pages(const CommandEntry& program, const std::string& release,
                               const std::string& date) {
  std::vector<ManPage> pages(1);
  std::string text = cat(page(program, release, date), ".SH COMMANDS\n");
  std::vector<std::string> names;
  for (const CommandEntry& command : program.commands) {
    names.push_back(page_name(command.path));
    text += cat(".TP\n", bold(command.name()), "\n", roff(command.help), "; see\n.BR ",
                roff(names.back()), " (1)\n");
    std::string own = page(command, release, date);
    if (!command.commands.empty()) own += cat(".SH SUBCOMMANDS\n", subcommands(command));
    pages.push_back({names.back(), own + ending(command, examples(command), {program.path})});
  }
  const std::vector<std::string> own = {footer_part(program, "example")};
  pages.front() = {program.path, text + ending(program, own, names)};
  return pages;
}

}  // namespace wmk::cli
