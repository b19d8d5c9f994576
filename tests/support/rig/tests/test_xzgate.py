import os
import signal
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from rig.certs import Authority
from rig.process import RigError, wait_until
from rig.scrape import scrape
from rig.xzgate import Xzgate, merged, serve_config, xzgate
from rig.yaml_text import to_yaml

# Answers on the health port of its configuration as xzgate does, has a child, and ends on SIGTERM.
ACTOR = """#!{python}
import http.server, json, pathlib, re, subprocess, sys
if sys.argv[1] == "version":
    print("actor"); sys.exit(0)
text = pathlib.Path(sys.argv[sys.argv.index("--config") + 1]).read_text()
if "broken" in text:
    sys.exit("config: broken")
port = int(re.search(r"health:\\n  listen: \\S*:(\\d+)", text)[1])
child = subprocess.Popen(["sleep", "60"])
print(json.dumps({{"level": "info", "message": "started", "child": child.pid}}), flush=True)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'ok\\n' if self.path == "/readyz" else b'# HELP a_total b\\na_total{{x="1"}} 2\\n'
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", port), Page).serve_forever()
"""


class XzgateTest(unittest.TestCase):
    """The starter against a program that behaves as it expects; the integration tests start the real one."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        actor = self.folder / "actor"
        actor.write_text(ACTOR.format(python=sys.executable))
        actor.chmod(0o755)
        self.enterContext(mock.patch.dict(os.environ, {"XZGATE_BINARY": str(actor)}))
        self.config = serve_config(self.folder, Authority(self.folder / "ca"))

    def test_start_metrics_logs_and_stop(self):
        with Xzgate(self.config) as gate:
            self.assertEqual(gate.health(), (200, "ok\n"))
            self.assertEqual(gate.metrics().total("a_total", x="1"), 2)
            (line,) = gate.logs(message="started")
            self.assertEqual(gate.children(), [line["child"]])
            self.assertEqual(gate.stop(), -signal.SIGTERM)
            wait_until(lambda: not Path(f"/proc/{line['child']}").exists(), "end of the child")
            self.assertEqual(gate.health(), (0, ""))
            gate.resume()
            self.assertTrue(gate.is_ready())
            gate.kill()
            self.assertFalse(gate.is_running())

    def test_a_start_that_fails_shows_why(self):
        with self.assertRaisesRegex(RigError, "config: broken"), Xzgate(merged(self.config, {"x": "broken"})):
            pass

    def test_command_line(self):
        done = xzgate("version")
        self.assertEqual((done.returncode, done.stdout), (0, "actor\n"))


class TextTest(unittest.TestCase):
    def test_yaml(self):
        value = {
            "a": {"b": [1, "two", {"c": None, "d": True}], "e": []},
            "f": "127.0.0.1:80", "g": "no", "h": {}, "i": [["x"]],
        }  # fmt: skip
        want = (
            'a:\n  b:\n    - 1\n    - two\n    - c: null\n      d: true\n  e: []\nf: "127.0.0.1:80"\n'
            'g: "no"\nh: {}\ni:\n  - - x\n'
        )
        self.assertEqual(to_yaml(value), want)

    def test_merged_keeps_what_is_not_named(self):
        self.assertEqual(merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 4}}), {"a": {"b": 4, "c": 2}, "d": 3})

    def test_scrape(self):
        text = '# TYPE x counter\nx{a="1",b="q\\"\\n"} 3\nx{a="2"} 4e1\ny +Inf\n'
        got = scrape(text)
        self.assertEqual(got.total("x"), 43)
        self.assertEqual(got.find("x", a="1")[0].labels["b"], 'q"\n')
        self.assertEqual(scrape('x{a="2"} 42\nz 1\n').moved_since(got), {'x{a="2"}': 2.0, "z": 1.0})
        with self.assertRaisesRegex(ValueError, "no sample"):
            scrape("what is this")
