"""A certificate transparency log (RFC 6962) that signs timestamps over precertificates, and keeps nothing."""

import base64
import contextlib
import hashlib
import struct
import time
from pathlib import Path

from rig.process import Part, run
from rig.server import JsonHandler, serve

POISON = bytes.fromhex("060a2b06010401d679020403")  # its object identifier in DER: RFC 6962, section 3.1
SEQUENCE, EXTENSIONS = 0x30, 0xA3  # [3] of a TBSCertificate: RFC 5280, section 4.1
V1, PRECERTIFICATE = 0, 1  # RFC 6962, section 3.2
SHA256_ECDSA = b"\x04\x03"  # RFC 5246, section 7.4.1.4.1


class CertificateLog(Part):
    """`url` is what Fulcio posts to; `public_key` is the log's, a PEM file."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/log"

    @property
    def public_key(self) -> Path:
        return self.folder / "ctlog.pub"

    def _start(self, stack: contextlib.ExitStack) -> None:
        key = self.folder / "ctlog.key"
        run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key])
        run(["openssl", "pkey", "-in", key, "-pubout", "-out", self.public_key])
        self._port = serve(stack, _handler(key))


def _handler(key: Path) -> type[JsonHandler]:
    log_id = hashlib.sha256(run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"])).digest()

    class Handler(JsonHandler):
        def do_POST(self) -> None:  # noqa: N802 (the name is http.server's)
            precertificate, issuer = (base64.b64decode(one) for one in self.read_json()["chain"][:2])
            at = int(time.time() * 1000)
            signature = run(["openssl", "dgst", "-sha256", "-sign", key], data=_signed(precertificate, issuer, at))
            struct_ = SHA256_ECDSA + struct.pack(">H", len(signature)) + signature
            self.answer({"sct_version": V1, "id": base64.b64encode(log_id).decode(), "timestamp": at,
                         "extensions": "", "signature": base64.b64encode(struct_).decode()})  # fmt: skip

    return Handler


def _signed(precertificate: bytes, issuer: bytes, at: int) -> bytes:
    """What a timestamp over a precertificate signs: RFC 6962, section 3.2."""
    text = run(["openssl", "x509", "-inform", "DER", "-noout", "-pubkey"], data=issuer)
    issuer_key = run(["openssl", "pkey", "-pubin", "-outform", "DER"], data=text)
    tbs = _without_poison(precertificate)
    head = struct.pack(">BBQH", V1, 0, at, PRECERTIFICATE) + hashlib.sha256(issuer_key).digest()
    return head + len(tbs).to_bytes(3, "big") + tbs + struct.pack(">H", 0)


def _without_poison(certificate: bytes) -> bytes:
    """The TBSCertificate of a precertificate, without the extension that makes it one."""
    tbs = _children(certificate)[0]
    kept = b""
    for part in _children(tbs):
        if part[0] == EXTENSIONS:
            (listed,) = _children(part)
            part = _der(EXTENSIONS, _der(SEQUENCE, b"".join(e for e in _children(listed) if POISON not in e)))
        kept += part
    return _der(SEQUENCE, kept)


def _children(element: bytes) -> list[bytes]:
    """The DER elements inside this one, whole."""
    at, end = _content(element, 0)
    found = []
    while at < end:
        after = _content(element, at)[1]
        found.append(element[at:after])
        at = after
    return found


def _content(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the DER element at `at` starts and ends."""
    length, first = data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, first = int.from_bytes(data[first : first + count], "big"), first + count
    return first, first + length


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content
