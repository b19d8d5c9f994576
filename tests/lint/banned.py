"""The grep-lint: what our own rules ban, found line by line. Run by banned_test.py."""

import dataclasses
import re

import tree

MAX_HEADER_LINES = 150
MAX_SOURCE_LINES = 300
MAX_FUNCTION_LINES = 60
MAX_README_LINES = 40


@dataclasses.dataclass(frozen=True)
class Finding:
    rule: str
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.text}"


def _call(names):
    """A call of one of the C functions `names`, not a method of ours that is called alike."""
    return re.compile(rf"(?<![\w.>:])(?:(?:std)?::)?(?:{names})\s*\(")


# rule, pattern in code, message, where it holds
CODE_RULES = (
    ("regex", re.compile(r"\bstd::(?:basic_)?regex\b|#\s*include\s*<regex>"),
     "std::regex recurses on its input; use RE2", "all"),
    ("number", re.compile(r"\bstd::sto(?:i|l|ll|ul|ull|f|d|ld)\b"), "throws; use std::from_chars or ParseUint", "program"),
    ("number", _call("atoi|atol|atoll|atof|strtol|strtoll|strtoul|strtoull|strtod|strtof|sscanf"),
     "takes half a number for a whole one; use std::from_chars or ParseUint", "program"),
    ("buffer", _call("sprintf|vsprintf|strcpy|strcat|strncpy|strncat|gets|alloca"), "knows no bounds", "all"),
    ("shell", _call("system|popen"), "no shell: posix_spawn with an argument list", "all"),
    ("tempfile", _call("tmpfile|tmpnam|tempnam|mktemp"), "streams only, never a temporary file", "all"),
    ("random", _call("rand|srand|drand48"), "use <random> or OpenSSL", "all"),
    ("detach", re.compile(r"\.\s*detach\s*\(\s*\)"), "a thread that nobody joins", "all"),
    ("sleep", re.compile(r"\bsleep_(?:for|until)\b|(?<![\w.>:])(?:::)?(?:u|nano)?sleep\s*\("),
     "tests do not sleep; wait for the event or move a FakeClock", "tests"),
    ("using", re.compile(r"\busing\s+namespace\b"), "would spread to every file that includes this", "headers"),
)
COMMENT_RULES = (
    ("nolint", re.compile(r"NOLINT(?!END)(?:NEXTLINE|BEGIN)?(?:\([^)]*\))?(?!:\s*\S)(?![A-Z(])"),
     'say why: "NOLINT(check): reason"'),
    ("todo", re.compile(r"\bTODO\(now\)"), "do it now"),
    ("todo", re.compile(r"\bTODO\b(?!\((?:now|soon|security|perf)\): \S)|\bFIXME\b|\bXXX\b"),
     'write "TODO(soon|security|perf): what"'),
)
HERE_PATH = re.compile(r"""(?:^|[\s"'`=:(\[,])/(?:work|farm|root)/\w""")
# What pip fetches runs on the machine of whoever runs the tests.
PIP = re.compile(r"\bpip3?\s+install\b(?!.*--require-hashes)")
# A test that does not run is a test that passes.
SKIP = re.compile(r"\bGTEST_SKIP\b|\bskipTest\b|\bunittest\.(?:skip|expectedFailure)|@skip|\bSkipTest\b|SKIP_RETURN_CODE|\bDISABLED_")
CATCH_ALL = re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)")
TYPE_SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b|^\s*extern\s*\"\"\s*$")


def functions(code):
    """(first line, last line, head) of each function body at namespace or class level; lines count from 1."""
    found, stack, head, first = [], [], "", 1
    for number, line in enumerate(code, 1):
        if line.lstrip().startswith("#"):
            continue
        for char in line + "\n":
            if char == "{":
                inside = bool(stack) and stack[-1] != "scope"
                is_scope = not inside and TYPE_SCOPE.search(head) and "(" not in head
                # What follows the braces of a constructor's initializer is its body.
                is_function = not inside and not is_scope and ("(" in head or head.strip()[:1] in ("", ","))
                stack.append("scope" if is_scope else "function" if is_function else "other")
                if is_function:
                    first, function_head = number, head
                head = ""
            elif char == "}":
                kind = stack.pop() if stack else "other"
                if kind == "function":
                    found.append((first, number, " ".join(function_head.split())))
                head = ""
            elif char == ";":
                head = ""
            else:
                head += char
    return found


def _code_findings(path, code):
    place = {"all", "tests" if path.parts[0] == "tests" else "program", "headers" if path.suffix == ".h" else "sources"}
    for number, line in enumerate(code, 1):
        for rule, pattern, text, where in CODE_RULES:
            if where in place and pattern.search(line):
                yield Finding(rule, str(path), number, f"{pattern.search(line).group(0).strip()}: {text}")


def _catch_findings(path, code, comments):
    for number, line in enumerate(code, 1):
        near = comments[max(number - 2, 0):number + 1]
        if CATCH_ALL.search(line) and not any(near):
            yield Finding("catch", str(path), number, "catch (...) without a comment that says why")


def _size_findings(path, code):
    most = MAX_HEADER_LINES if path.suffix == ".h" else MAX_SOURCE_LINES
    lines = len(code) - (code[-1] == "")
    if lines > most and path.parts[0] != "tests":
        yield Finding("file-length", str(path), 1, f"{lines} lines, more than {most}")
    for first, last, head in functions(code) if path.suffix == ".cc" else ():
        if last - first + 1 > MAX_FUNCTION_LINES:
            yield Finding("function-length", str(path), first,
                          f"{last - first + 1} lines, more than {MAX_FUNCTION_LINES}: {head[-80:]}")


def cpp_findings(path, text):
    code, comments = tree.split_cpp(text)
    yield from _code_findings(path, code)
    yield from _catch_findings(path, code, comments)
    yield from _size_findings(path, code)
    yield from comment_findings(path, comments)
    if path.suffix == ".h" and "#pragma once" not in code:
        yield Finding("pragma-once", str(path), 1, "no #pragma once")


def comment_findings(path, lines):
    for number, line in enumerate(lines, 1):
        for rule, pattern, text in COMMENT_RULES:
            if pattern.search(line):
                yield Finding(rule, str(path), number, text)
                break


def text_findings(path, text):
    """What holds in every text file."""
    for number, line in enumerate(text.split("\n"), 1):
        if HERE_PATH.search(line):
            yield Finding("path", str(path), number, "a path of one machine: " + line.strip()[:80])
        if path.suffix != ".md" and PIP.search(line):
            yield Finding("pip", str(path), number, "pip install without --require-hashes")
        if path.parts[0] == "tests" and (skip := SKIP.search(line)):
            yield Finding("skip", str(path), number, f"{skip.group(0)}: a tool that is missing is a failure")
    if path.suffix in (".py", ".sh", ".cmake") or path.name in ("CMakeLists.txt", "Makefile"):
        yield from comment_findings(path, [line.partition("#")[2] for line in text.split("\n")])


def readme_findings(names, root):
    for room in tree.FLOORS:
        readme = f"{room}/README.md"
        if f"{room}/CMakeLists.txt" not in names:
            continue
        if readme not in names:
            yield Finding("readme", readme, 1, "a room without a README.md")
        elif (lines := tree.read(readme, root).count("\n")) > MAX_README_LINES:
            yield Finding("readme", readme, 1, f"{lines} lines, more than {MAX_README_LINES}")


def findings(root=tree.ROOT):
    names = tree.files(root)
    found = list(readme_findings({str(name) for name in names}, root))
    for path in names:
        if str(path).startswith(("tests/lint/", "tests/fuzz/corpus/")) or b"\0" in (root / path).read_bytes()[:4096]:
            continue
        text = tree.read(path, root)
        found += text_findings(path, text)
        if path.suffix in (".h", ".cc"):
            found += cpp_findings(path, text)
    return found
