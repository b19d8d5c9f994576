#!/usr/bin/env python3
"""Fails when docs/reasons.md and the codes that the program gives differ."""

import re
import unittest

import tree

DOCUMENT = "docs/reasons.md"
ROW = re.compile(r"^\| ([A-Z]{2}\d{3}) \|", re.MULTILINE)
LITERAL = re.compile(r'"((?:XZ|SG|PL|RG|SY)\d{3})"')


def problems(document, sources):
    """`sources`: texts of the program's files."""
    explained = ROW.findall(document)
    given = {code for text in sources for code in LITERAL.findall(text)}
    found = [f"{code} is explained twice" for code in sorted(set(explained)) if explained.count(code) > 1]
    found += [f"{code} is given and not explained" for code in sorted(given - set(explained))]
    found += [f"{code} is explained and never given" for code in sorted(set(explained) - given)]
    return found


class ReasonsTest(unittest.TestCase):
    def test_the_tree(self):
        sources = [tree.read(path) for path in tree.cpp_files() if path.parts[0] in tree.SOURCE_TOPS]
        self.assertEqual(problems(tree.read(DOCUMENT), sources), [])

    def test_that_it_can_fail(self):
        document = "| code | meaning |\n| RG001 | unreachable |\n| RG002 | forbidden |\n| RG002 | again |\nRG004 is none.\n"
        self.assertEqual(problems(document, ['return "RG001";', 'return "RG003";  // not "XX001"']), [
            "RG002 is explained twice", "RG003 is given and not explained", "RG002 is explained and never given"])


if __name__ == "__main__":
    unittest.main()
