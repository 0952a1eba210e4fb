"""What `weightmark --help` and the help of every command list. Not thread-safe."""
import dataclasses
import re
import subprocess

HEADING = re.compile(r"^(Positionals|Options|Subcommands):$")
ENTRY = re.compile(r"^  (\S+)")


@dataclasses.dataclass
class Command:
    words: list  # ["weightmark", "log", "append"]
    arguments: list
    options: list  # each as a list of names
    commands: list

    @property
    def path(self):
        return " ".join(self.words)

    def names(self):
        return [name for option in self.options for name in option]


def read(words, text):
    lists = {"Positionals": [], "Options": [], "Subcommands": []}
    current = None
    for line in text.splitlines():
        if heading := HEADING.match(line):
            current = lists[heading[1]]
        elif not line.startswith("  "):
            current = None
        elif current is not None and (entry := ENTRY.match(line)):
            current.append(entry[1])
    return Command(words, lists["Positionals"], [each.split(",") for each in lists["Options"]],
                   lists["Subcommands"])


def all_commands(program, words=("weightmark",)):
    """The program itself first, each command before its own commands."""
    done = subprocess.run([str(program), *words[1:], "--help"], capture_output=True, text=True,
                          check=True)
    command = read(list(words), done.stdout)
    out = [command]
    for name in command.commands:
        out += all_commands(program, (*words, name))
    return out
