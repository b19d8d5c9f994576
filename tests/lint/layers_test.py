#!/usr/bin/env python3
"""Fails when an include goes up a floor, or a library is included outside its one adapter (style rules 3 and 15)."""

import pathlib
import re
import tempfile
import unittest

import tree

# Allowed by the order, and still not wanted.
FORBIDDEN = {("scanner/layer", "scanner/registry"): "a layer is a stream of bytes; where it comes from is not its business"}

# Libraries, by how their headers begin: the rooms that may include them. Tests may include anything.
ADAPTERS = {
    "boost/": {"webhook/server"},
    "CLI/": {"cmd"},
    "curl/": {"base/http"},
    "fmt/": {"base", "base/json", "cmd", "scanner/signature"},
    "httplib": {"webhook/server"},
    "isa-l": {"scanner/layer"},
    "nlohmann/": {"base/json"},
    # SecretString wipes itself by OPENSSL_cleanse; what libcurl shows of a peer's chain is an X509.
    "openssl/": {"base", "base/crypto", "base/http", "scanner/signature", "webhook/server"},
    "prometheus/": {"cmd"},
    "re2/": {"scanner/signature"},
    "spdlog/": {"base/log"},
    "sqlite3": {"scanner/store"},
    "yaml-cpp/": {"base/yaml"},
    "zlib": {"scanner/layer"},
    "zstd": {"scanner/facts", "scanner/layer"},  # facts: packs them for the store
}
# Headers with a suffix that are the system's; without one they are the standard library's.
SYSTEM = re.compile(
    r"(?:arpa|linux|netinet|net|sys)/\w+\.h"
    r"|(?:dirent|dlfcn|elf|fcntl|link|malloc|netdb|poll|pthread|sched|signal|spawn|string|termios|time|unistd)\.h")

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def is_up(room, target):
    return tree.FLOORS.index(target) > tree.FLOORS.index(room)


def library_of(name):
    return next((library for library in ADAPTERS if name.startswith(library)), None)


def check_include(room, quote, name, root):
    """What is wrong with one include of a file in `room`, or None."""
    if quote == "<":
        library = library_of(name)
        if library is None:
            known = "." not in name or SYSTEM.fullmatch(name)
            return None if known else "a library without an adapter; add it to ADAPTERS in tests/lint/layers_test.py"
        if room not in ADAPTERS[library]:
            return f"only {', '.join(sorted(ADAPTERS[library]))} may include {library}"
        return None
    if not (root / name).is_file() and not (root / (name + ".in")).is_file():  # .in: written by configure_file
        return "not a path from the repository root"
    target = tree.room_of(name)
    if target is None:
        return "is in no room"
    if is_up(room, target):
        return f"goes up from {room} to {target}"
    if (room, target) in FORBIDDEN:
        return f"{room} must not include {target}: {FORBIDDEN[room, target]}"
    return None


def problems(root=tree.ROOT):
    found = []
    for path in tree.cpp_files(root):
        if path.parts[0] not in tree.SOURCE_TOPS:
            continue
        room = tree.room_of(path)
        if room is None:
            found.append(f"{path}: its folder has no floor; add it to FLOORS in tests/lint/tree.py")
            continue
        text = tree.read(path, root)
        for match in INCLUDE.finditer(text):
            wrong = check_include(room, match.group(1), match.group(2), root)
            if wrong:
                line = text.count("\n", 0, match.start(2)) + 1
                found.append(f"{path}:{line}: {match.group(2)}: {wrong}")
    return found


def used_adapters(root=tree.ROOT):
    """{(library, room)} as the sources have them."""
    used = set()
    for path in tree.cpp_files(root):
        if path.parts[0] in tree.SOURCE_TOPS:
            names = (name for quote, name in INCLUDE.findall(tree.read(path, root)) if quote == "<")
            used |= {(library_of(name), tree.room_of(path)) for name in names if library_of(name)}
    return used


class LayersTest(unittest.TestCase):
    maxDiff = None

    def test_the_tree(self):
        self.assertEqual(problems(), [])

    def test_no_room_may_include_what_it_does_not(self):
        allowed = {(library, room) for library, rooms in ADAPTERS.items() for room in rooms}
        self.assertEqual(set(), allowed - used_adapters())


class SelfTest(unittest.TestCase):
    """Proves that the check can fail, and that it lets pass what is fine."""

    def check(self, **contents):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in contents["tree"].items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return problems(root)

    def test_down_and_sideways_is_fine(self):
        self.assertEqual([], self.check(tree={
            "base/text.h": "#include <string>\n",
            "base/json/value.h": '#include "base/text.h"\n',
            "base/json/value.cc": '#include "base/json/value.h"\n#include <nlohmann/json.hpp>\n',
            "scanner/oci/digest.h": '#include "base/json/value.h"\n',
            "cmd/main.cc": '#include "scanner/oci/digest.h"\n',
            "tests/scanner/oci/digest_test.cc": '#include "cmd/any.h"\n',
        }))

    def test_up_a_floor_fails(self):
        self.assertEqual(["base/text.h:2: scanner/oci/digest.h: goes up from base to scanner/oci"], self.check(tree={
            "base/text.h": '#pragma once\n#include "scanner/oci/digest.h"\n', "scanner/oci/digest.h": ""}))

    def test_up_inside_a_house_fails(self):
        for low, high in (("base", "base/json"), ("base/json", "base/http"), ("scanner/oci", "scanner/store"),
                          ("webhook/policy", "webhook/gate"), ("scanner/worker", "webhook/admission"), ("webhook/server", "cmd")):
            self.assertEqual(1, len(self.check(tree={f"{low}/a.h": f'#include "{high}/b.h"\n', f"{high}/b.h": ""})), low)

    def test_a_forbidden_pair_fails(self):
        self.assertIn("must not include", self.check(tree={
            "scanner/layer/a.cc": '  #  include "scanner/registry/b.h"\n', "scanner/registry/b.h": ""})[0])

    def test_a_relative_include_fails(self):
        self.assertEqual(["base/a.cc:1: b.h: not a path from the repository root"],
                         self.check(tree={"base/a.cc": '#include "b.h"\n', "base/b.h": ""}))

    def test_a_generated_header_is_known_by_its_template(self):
        self.assertEqual([], self.check(tree={"cmd/a.cc": '#include "cmd/version.h"\n', "cmd/version.h.in": ""}))
        self.assertEqual(1, len(self.check(tree={"base/a.cc": '#include "cmd/version.h"\n', "cmd/version.h.in": ""})))

    def test_tests_are_no_floor(self):
        self.assertEqual(1, len(self.check(tree={"base/a.cc": '#include "tests/b.h"\n', "tests/b.h": ""})))

    def test_a_folder_without_a_floor_fails(self):
        self.assertIn("no floor", self.check(tree={"scanner/misc/a.cc": ""})[0])

    def test_a_library_outside_its_adapter_fails(self):
        self.assertEqual(["scanner/oci/a.cc:1: nlohmann/json.hpp: only base/json may include nlohmann/"],
                         self.check(tree={"scanner/oci/a.cc": "#include <nlohmann/json.hpp>\n"}))
        for name in ("httplib.h", "boost/asio/post.hpp", "prometheus/counter.h", "sqlite3.h", "zlib.h", "zstd.h",
                     "zstd_errors.h", "isa-l/igzip_lib.h", "openssl/ssl.h", "yaml-cpp/yaml.h", "curl/curl.h"):
            self.assertEqual(1, len(self.check(tree={"scanner/oci/a.cc": f"#include <{name}>\n"})), name)

    def test_every_adapter_may_include_its_library(self):
        for library, rooms in ADAPTERS.items():
            for room in rooms:
                self.assertEqual([], self.check(tree={f"{room}/a.cc": f"#include <{library}x.h>\n"}))

    def test_a_library_that_nobody_named_fails(self):
        self.assertIn("without an adapter", self.check(tree={"base/a.cc": "#include <archive_entry.h>\n"})[0])
        self.assertIn("without an adapter", self.check(tree={"base/a.cc": "#include <bzlib.h>\n"})[0])

    def test_the_system_is_for_everybody(self):
        self.assertEqual([], self.check(tree={"base/a.cc": "#include <vector>\n#include <unistd.h>\n#include <sys/stat.h>\n"}))


if __name__ == "__main__":
    unittest.main()
