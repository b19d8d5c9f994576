import json
import ssl
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rig.certs import Authority, server_context
from rig.controlplane import ControlPlane, Webhook
from rig.process import RigError
from rig.review import pod

REVIEWS: list[dict] = []


class Refuser(BaseHTTPRequestHandler):
    """Refuses every pod that has "bad" in its name, as a webhook would."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        REVIEWS.append({"path": self.path, **review})
        request = review["request"]
        bad = "bad" in request["name"]
        annotations = {"decision": "deny" if bad else "allow"}
        response = {"uid": request["uid"], "allowed": not bad, "auditAnnotations": annotations}
        if bad:
            response["status"] = {"code": 403, "message": "first line\n  second line"}
        else:
            response["warnings"] = ["looks odd"]
        body = json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class ControlPlaneTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        authority = Authority(Path(cls.enterClassContext(tempfile.TemporaryDirectory())))
        server = ThreadingHTTPServer(("127.0.0.1", 0), Refuser)
        server.daemon_threads = True
        context: ssl.SSLContext = server_context(authority.leaf())
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.plane = cls.enterClassContext(ControlPlane())
        url = f"https://localhost:{server.server_port}/validate"
        cls.plane.install_webhook(Webhook(url, authority.ca_bundle()))

    def apply(self, document: dict, *arguments: str):
        return self.plane.kubectl("apply", "-f", "-", *arguments, document=document, check=False)

    def test_a_refused_pod_shows_the_message_with_its_lines(self):
        done = self.apply(pod("bad", images=["reg.example/a:1"]))
        self.assertEqual(done.returncode, 1)
        want = 'admission webhook "validate.xzgate.dev" denied the request: first line\n  second line'
        self.assertIn(want, done.stderr)

    def test_a_good_pod_is_created_and_leaves_warning_and_audit_annotation(self):
        done = self.apply(pod("fine", images=["reg.example/a:1"]))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Warning: looks odd", done.stderr)
        (event,) = self.plane.audit_events(name="fine", verb="create")
        self.assertEqual(event["annotations"]["validate.xzgate.dev/decision"], "allow")
        self.plane.kubectl("delete", "pod", "fine", "--grace-period=0", "--force")

    def test_image_volumes_and_ephemeral_containers_reach_the_webhook(self):
        self.assertEqual(self.apply(pod("volumes", images=["a:1"], volumes=["b:1"])).returncode, 0)
        (got,) = [r["request"] for r in REVIEWS if r["request"]["name"] == "volumes"]
        self.assertEqual(got["object"]["spec"]["volumes"][0]["image"]["reference"], "b:1")
        self.plane.kubectl("debug", "volumes", "--image=c:1", "--container=look", "--profile=general", "--attach=false")
        got = [r["request"] for r in REVIEWS if r["request"].get("subResource") == "ephemeralcontainers"]
        self.assertEqual(got[-1]["object"]["spec"]["ephemeralContainers"][0]["image"], "c:1")

    def test_namespaces_and_requests_like_those_of_a_user(self):
        self.plane.create_namespace("shop", {"team": "a"})
        self.assertEqual(self.plane.get("namespace", "shop")["metadata"]["labels"]["team"], "a")
        with self.assertRaisesRegex(RigError, "not found"):
            self.plane.kubectl("get", "pod", "nobody")
        self.assertTrue(all(r["path"].startswith("/validate?timeout=") for r in REVIEWS))


class ControllersTest(unittest.TestCase):
    def test_a_deployment_makes_pods(self):
        with ControlPlane(controllers=True) as plane:
            plane.kubectl("create", "deployment", "web", "--image=a:1")
            plane.kubectl("wait", "deployment/web", "--for=jsonpath={.status.unavailableReplicas}=1", "--timeout=30s")
            self.assertEqual(len(plane.get("pods", "-l", "app=web")["items"]), 1)
