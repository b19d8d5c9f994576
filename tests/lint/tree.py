"""What the lint tests share: the files of the tree, and C++ text with its comments and strings told apart."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The order of includes from the ground up (design.md, section 3): a room includes itself and what stands before it.
FLOORS = (
    "base", "base/crypto", "base/json", "base/yaml", "base/log", "base/http",
    "scanner/oci", "scanner/registry", "scanner/layer", "scanner/facts", "scanner/rules", "scanner/signature",
    "scanner/store", "scanner/worker",
    "webhook/admission", "webhook/policy", "webhook/kube", "webhook/certificates", "webhook/gate", "webhook/server",
    "cmd",
)
SOURCE_TOPS = ("base", "scanner", "webhook", "cmd")


def files(root=ROOT):
    """Paths relative to `root` of every file that is or could be committed, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, check=False)
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
    else:  # an unpacked archive
        names = [str(path.relative_to(root)) for path in root.rglob("*") if path.parts[len(root.parts)] != "build"]
    return sorted({pathlib.PurePosixPath(name) for name in names if name and (root / name).is_file()})


def cpp_files(root=ROOT):
    return [path for path in files(root) if path.suffix in (".h", ".cc")]


def read(path, root=ROOT):
    return (root / path).read_text(encoding="utf-8", errors="replace")


def room_of(path):
    """The room a file is in: the longest floor that is a folder above it; None when it has no floor."""
    for parent in pathlib.PurePosixPath(path).parents:
        if str(parent) in FLOORS:
            return str(parent)
    return None


_TOKEN = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)


def split_cpp(text):
    """(code, comments), two lists with an entry a line: code with emptied strings and without comments, and the comments."""
    comments = [""] * (text.count("\n") + 1)

    def replace(match):
        token = match.group(0)
        if not token.startswith(("//", "/*")):
            return '""' + "\n" * token.count("\n")
        first = text.count("\n", 0, match.start())
        for offset, part in enumerate(token.split("\n")):
            comments[first + offset] += part
        return "\n" * token.count("\n")

    return _TOKEN.sub(replace, text).split("\n"), comments
