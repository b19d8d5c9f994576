import json
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from rig.certs import Authority, server_context
from rig.review import client, pod, review


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        uid = json.loads(body)["request"]["uid"] if body.startswith(b"{") else ""
        response = {"uid": uid, "allowed": False, "status": {"message": f"{self.path} {self.client_address[1]}"}}
        self.send_response(200)
        data = json.dumps({"response": response}).encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class ReviewTest(unittest.TestCase):
    def test_a_pod_has_every_place_that_names_an_image(self):
        made = pod("p", images=["a"], init=["b"], sidecars=["c"], ephemeral=["d"], volumes=["e"], pull_policy="Always")
        spec = made["spec"]
        self.assertEqual(spec["containers"], [{"name": "main-0", "image": "a", "imagePullPolicy": "Always"}])
        self.assertEqual([c["name"] for c in spec["initContainers"]], ["init-0", "sidecar-0"])
        self.assertEqual(spec["initContainers"][1]["restartPolicy"], "Always")
        self.assertEqual(spec["ephemeralContainers"][0]["image"], "d")
        self.assertEqual(spec["volumes"], [{"name": "volume-0", "image": {"reference": "e", "pullPolicy": "Always"}}])

    def test_a_review_says_operation_resource_and_objects(self):
        new, old = pod("p", images=["a"], namespace="shop"), pod("p", images=["b"], namespace="shop")
        made = review(new, operation="UPDATE", old=old, sub_resource="ephemeralcontainers", dry_run=True, uid="u")
        request = made["request"]
        self.assertEqual(request["resource"], {"group": "", "version": "v1", "resource": "pods"})
        got = (request["subResource"], request["dryRun"], request["uid"])
        self.assertEqual(got, ("ephemeralcontainers", True, "u"))
        self.assertEqual((request["object"], request["oldObject"], request["namespace"]), (new, old, "shop"))
        self.assertEqual(request["options"]["kind"], "UpdateOptions")
        self.assertIsNone(review(new, operation="DELETE", old=old)["request"]["object"])

    def test_the_client_keeps_its_connection_and_reads_the_answer(self):
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(Path(folder))
            server = HTTPServer(("127.0.0.1", 0), Echo)
            server.socket = server_context(authority.leaf()).wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                with client(f"https://localhost:{server.server_port}/validate", authority) as webhook:
                    first = webhook.ask(pod(images=["a"]))
                    second = webhook.send(b"no json", timeout=None)
            finally:
                server.shutdown()
                thread.join()
                server.server_close()
        self.assertFalse(first.allowed)
        path, port = first.message.split()
        self.assertEqual(path, "/validate?timeout=5s")
        self.assertEqual(second.message, f"/validate {port}")
