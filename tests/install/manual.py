#!/usr/bin/env python3
"""Man pages and completions: nothing of `--help` is missing, and man, bash, zsh and fish take them.

manual.py [--build FOLDER]. A tool that is not installed (mandoc, man, zsh, fish) skips its part.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

import help_table
import typed

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

COMMANDS_MIN, OPTIONS_MIN = 50, 300  # far fewer would mean that the help was not understood


def output_of(words, text=None):
    """What a tool says on both channels, and its exit code if that is not 0."""
    done = subprocess.run([str(word) for word in words], input=text, capture_output=True,
                          text=True, check=False)
    code = [f"exit code {done.returncode}"] if done.returncode else []
    return code + (done.stdout + done.stderr).splitlines()[:8]


def page_part(folder, command):
    """The text of a man page that is about this command."""
    page = folder / "man1" / ("-".join(command.words[:2]) + ".1")
    text = page.read_text().replace("\\-", "-")
    parts = re.split(r"^\.SS (.*)$", text, flags=re.MULTILINE)
    if len(command.words) < 3:
        return parts[0]
    found = dict(zip(parts[1::2], parts[2::2]))
    return found.get(command.path, "")


def page_problems(folder, commands):
    problems = []
    for command in commands:
        text = page_part(folder, command)
        wanted = [f"\\fB{name}\\fR" for name in command.names()]
        wanted += [f".TP\n\\fI{name}\\fR" for name in command.arguments]
        if len(command.words) == 1:
            wanted += [f".TP\n\\fB{name}\\fR" for name in command.commands]
        problems += [f"{command.path}: no {each!r}" for each in wanted if each not in text]
    return problems


def heading_problems(folder, version):
    """Version and date in the heading of a page: those of the program and of NEWS.md."""
    heading = (folder / "man1" / "weightmark.1").read_text().splitlines()[0]
    news = re.search(r"^## (\S+) \(([\d-]+|unreleased)\)$", (TOP / "NEWS.md").read_text(),
                     re.MULTILINE)
    wanted = [version, *(part for part in news.groups() if part != "unreleased")]
    return [f"no {part} in {heading!r}" for part in wanted if part not in heading]


def check_pages(folder, commands, report):
    report.check("man pages hold every command, argument and option",
                 page_problems(folder, commands))
    pages = sorted((folder / "man1").glob("*.1"))
    for tool, words in (("mandoc", ["-T", "lint", "-W", "warning", *pages]), ("man", None)):
        claim = f"{tool} takes the man pages without a warning"
        if not shutil.which(tool):
            report.skip(claim, f"no {tool}")
        elif words:
            report.check(claim, output_of([tool, *words]))
        else:
            report.check(claim, [f"{page.name}: {line}" for page in pages for line in
                                 man_warnings(page)])


def man_warnings(page):
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)],
                          capture_output=True, text=True, errors="replace", check=False)
    return done.stderr.splitlines() or ([] if done.returncode == 0 else ["an error"])


def offered_problems(offered, commands):
    """`offered`: {(path, prefix): words that a shell offers}."""
    problems = []
    for command in commands:
        for prefix, wanted in (("-", command.names()), ("", command.commands)):
            missing = set(wanted) - set(offered.get((command.path, prefix), []))
            problems += [f"{command.path} {prefix}: not offered: {name}" for name in
                         sorted(missing)]
    return problems


def questions(commands):
    return [(command.path, prefix) for command in commands for prefix in ("-", "")]


def ask_bash(script, commands):
    """The function of the script is called as bash calls it, for all commands in one process."""
    lines = [f"source '{script}'", "compopt() { :; }"]
    for path, prefix in questions(commands):
        lines += [f"COMP_WORDS=({path} '{prefix}')", "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))",
                  "COMPREPLY=()", "_weightmark", f"echo '{path}|{prefix}|'${{COMPREPLY[*]}}"]
    done = subprocess.run(["bash", "--norc", "-c", "\n".join(lines)], capture_output=True,
                          text=True, check=False)
    return answers(done.stdout)


def answers(text):
    rows = [line.split("|") for line in text.splitlines() if line.count("|") >= 2]
    return {(path, prefix): words.split() for path, prefix, words in rows}


def ask_fish(script, commands):
    """fish prints what it would offer: 'word<tab>description'."""
    lines = [f"source '{script}'"]
    for path, prefix in questions(commands):
        lines.append(f"echo '{path}|{prefix}|'(string split -f1 \\t -- "
                     f"(complete -C '{path} {prefix}') | string join ' ')")
        # Long names are offered after two dashes.
        if prefix:
            lines.append(f"echo '{path}|--|'(string split -f1 \\t -- "
                         f"(complete -C '{path} --') | string join ' ')")
    done = subprocess.run(["fish", "--no-config", "-c", "\n".join(lines)], capture_output=True,
                          text=True, check=False)
    offered = answers(done.stdout)
    for (path, prefix), words in list(offered.items()):
        if prefix == "--":
            offered[(path, "-")] = offered.get((path, "-"), []) + words
    return offered


def zsh_problems(script, commands):
    """The specifications in the function of each command."""
    text, problems = script.read_text(), []
    for command in commands:
        match = re.search(rf"^_{'_'.join(command.words)}\(\) {{\n(.*?)^}}", text,
                          re.MULTILINE | re.DOTALL)
        body = match[1] if match else ""
        for name in command.names():
            if not re.search(rf"'(\([^)]*\)|\*)?{re.escape(name)}[=+]?\[", body):
                problems.append(f"{command.path}: no {name}")
        problems += [f"{command.path}: no {name}" for name in command.commands
                     if f"    '{name}:" not in body]
    return problems


def check_shells(folder, commands, report):
    scripts = {"bash": folder / "bash" / "weightmark", "zsh": folder / "zsh" / "_weightmark",
               "fish": folder / "fish" / "weightmark.fish"}
    report.check("zsh: specifications of every command and option are there",
                 zsh_problems(scripts["zsh"], commands))
    for shell, ask in (("bash", ask_bash), ("fish", ask_fish), ("zsh", None)):
        if not shutil.which(shell):
            report.skip(f"{shell} takes and uses its completion", f"no {shell}")
            continue
        report.check(f"{shell} -n takes its completion", output_of([shell, "-n", scripts[shell]]))
        if ask:
            report.check(f"{shell} offers every command and option",
                         offered_problems(ask(scripts[shell], commands), commands))
        if shell != "fish":
            for keys, line in typed.CASES:
                report.check(f"{shell}: {keys!r} becomes {line!r}",
                             typed.problems(shell, scripts[shell], keys, line))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    build = parser.parse_args().build.resolve()
    report = claims.Claims()
    commands = help_table.all_commands(build / "weightmark")
    options = sum(len(command.options) for command in commands)
    report.check(f"--help names {len(commands)} commands and {options} options",
                 len(commands) >= COMMANDS_MIN and options >= OPTIONS_MIN)
    said = subprocess.run([build / "weightmark", "--version"], capture_output=True, text=True,
                          check=True).stdout.strip()
    report.check("version and date of the man pages are those of the program and of NEWS.md",
                 heading_problems(build / "manual", said))
    check_pages(build / "manual", commands, report)
    check_shells(build / "manual", commands, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
