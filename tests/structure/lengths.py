"""How long functions are, told from the layout that clang-format and Python give them."""
import ast
import re

# In C++ a function begins in column 0 (namespaces do not indent) or, in a class, in column 2.
HEAD = re.compile(r"^(?:  )?[A-Za-z_~\[]")
OPENS_SCOPE = re.compile(r"^\s*(?:template.*>\s*)?(?:namespace|class|struct|union|enum|extern)\b")
NAME = re.compile(r'TEST_CASE\("([^"]*)"|([A-Za-z_~][\w:~]*|operator[^\s(]+)\(')
HEAD_LINES_MAX = 20


def cpp_functions(text):
    lines, number = text.split("\n"), 0
    while number < len(lines):
        end = function_end(lines, number)
        if end is None:
            number += 1
            continue
        match = NAME.search(" ".join(part.strip() for part in lines[number:end]))
        if match:
            yield match[1] or match[2], end - number + 1
        number = end + 1


def function_end(lines, begin):
    """Number of the closing line, if a function's definition begins on line `begin`."""
    if not HEAD.match(lines[begin]) or OPENS_SCOPE.match(lines[begin]):
        return None
    indent = lines[begin][:len(lines[begin]) - len(lines[begin].lstrip())]
    for number in range(begin, min(begin + HEAD_LINES_MAX, len(lines))):
        line = lines[number].rstrip()
        if line.endswith((";", "}", "= {", ":")):
            return None
        if line.endswith("{"):
            return next((i for i in range(number + 1, len(lines))
                         if lines[i].startswith(indent + "}")), None)
    return None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.end_lineno - node.lineno + 1


def functions(path, text):
    """Yields (name, lines) of the functions of one file."""
    if path.suffix in (".cc", ".h"):
        yield from cpp_functions(text)
    elif path.suffix == ".py":
        yield from python_functions(text)
