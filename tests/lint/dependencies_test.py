#!/usr/bin/env python3
"""Fails when cmake/dependencies.cmake wants a library that no target links: everybody would install it for nothing."""

import re
import unittest

import tree

LIST = "cmake/dependencies.cmake"
# Found, and not linked yet: why.
AHEAD = {}

# What a call finds: the name of the package, or the prefix of the targets that pkg-config makes.
FOUND = re.compile(r"^\s*(?:find_package|pkg_check_modules)\(([\w.+-]+)", re.MULTILINE)
BUILD_TOOLS = {"PkgConfig"}


def found(text):
    return set(FOUND.findall(text)) - BUILD_TOOLS


def is_linked(name, texts):
    target = re.compile(rf"\bPkgConfig::{re.escape(name)}\b|(?<![\w-]){re.escape(name)}::|::{re.escape(name)}\b|\b{re.escape(name)}_")
    return any(target.search(text) for text in texts)


def unused(names_and_texts):
    """Libraries that the list finds and that no other CMake file (or the list itself, for a target of ours) links."""
    texts = [text for name, text in names_and_texts.items() if name != LIST]
    # A library that a target of the list itself wraps: `${NAME_...}` in target_..., or NAME::x in target_link_libraries.
    texts += re.findall(r"^target_\w+\([^)]*\)", names_and_texts[LIST], re.MULTILINE)
    return sorted(name for name in found(names_and_texts[LIST]) if not is_linked(name, texts))


class DependenciesTest(unittest.TestCase):
    def test_the_tree(self):
        texts = {str(p): tree.read(p) for p in tree.files() if p.name == "CMakeLists.txt" or p.suffix == ".cmake"}
        self.assertEqual(sorted(AHEAD), unused(texts))

    def test_self(self):
        listed = "find_package(PkgConfig REQUIRED)\nfind_package(ZLIB)\npkg_check_modules(ARC REQUIRED IMPORTED_TARGET libarc)\n"
        self.assertEqual(["ARC", "ZLIB"], unused({LIST: listed}))
        self.assertEqual(["ZLIB"], unused({LIST: listed, "a/CMakeLists.txt": "target_link_libraries(a PkgConfig::ARC)"}))
        self.assertEqual(["ARC"], unused({LIST: listed, "a/CMakeLists.txt": "target_link_libraries(a ZLIB::ZLIB)"}))
        wrapped = listed + "target_compile_options(x INTERFACE ${ARC_CFLAGS})\ntarget_link_libraries(x INTERFACE ZLIB::ZLIB)\n"
        self.assertEqual([], unused({LIST: wrapped}))


if __name__ == "__main__":
    unittest.main()
