import http.client
import ssl
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from rig.certs import Authority, Leaf, server_context


class CertificatesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.authority = Authority(Path(folder.name))

    def connect(self, leaf: Leaf, host: str = "localhost", authority: Authority | None = None) -> None:
        server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.socket = server_context(leaf).wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        try:
            context = (authority or self.authority).client_context()
            client = http.client.HTTPSConnection(host, server.server_port, context=context, timeout=5)
            client.connect()
            client.close()
        finally:
            thread.join()
            server.server_close()

    def test_leaf_is_trusted_for_its_names(self):
        leaf = self.authority.leaf("both")
        self.connect(leaf)
        self.connect(leaf, host="127.0.0.1")

    def test_bad_certificates_are_refused_for_the_named_reason(self):
        cases = {
            "expired": (self.authority.expired(), "certificate has expired"),
            "wrong name": (self.authority.wrong_name(), "Hostname mismatch"),
        }
        for name, (leaf, reason) in cases.items():
            with self.subTest(name), self.assertRaisesRegex(ssl.SSLCertVerificationError, reason):
                self.connect(leaf)

    def test_another_authority_does_not_vouch(self):
        with tempfile.TemporaryDirectory() as folder:
            other = Authority(Path(folder))
            with self.assertRaises(ssl.SSLCertVerificationError):
                self.connect(self.authority.leaf("foreign"), authority=other)
