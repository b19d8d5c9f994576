"""Signatures made by hand: openssl's command line signs, and every byte around it is the test's to choose.

An encoder that shares nothing with cosign nor with xzgate: cosign's specs/SIGNATURE_SPEC.md, the DSSE protocol, in-toto
statements and Sigstore's bundle (protobuf-specs, sigstore_bundle.proto) are what it follows.
"""

import base64
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rig.images import Document
from rig.process import run
from rig.push import Uploader
from rig.tree import digest

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
IN_TOTO = "application/vnd.in-toto+json"
EMPTY = "application/vnd.oci.empty.v1+json"
COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1"
SIGNATURE = "dev.cosignproject.cosign/signature"
REKOR_BUNDLE = "dev.sigstore.cosign/bundle"

_KINDS = {
    "p256": ("EC", "ec_paramgen_curve:P-256"), "p384": ("EC", "ec_paramgen_curve:P-384"),
    "p521": ("EC", "ec_paramgen_curve:P-521"), "rsa": ("RSA", "rsa_keygen_bits:2048"), "ed25519": ("ED25519", ""),
}  # fmt: skip


class Key:
    """A key pair in two PEM files."""

    def __init__(self, folder: Path, name: str = "key", kind: str = "p256"):
        folder.mkdir(parents=True, exist_ok=True)
        self.private, self.public = folder / f"{name}.pem", folder / f"{name}.pub"
        algorithm, option = _KINDS[kind]
        run(["openssl", "genpkey", "-algorithm", algorithm, *(["-pkeyopt", option] if option else []), "-out", self.private])
        run(["openssl", "pkey", "-in", self.private, "-pubout", "-out", self.public])
        self._pure = kind == "ed25519"

    def sign(self, data: bytes, *options: str, hashed: str = "sha256") -> bytes:
        """Signs with this hash; `options` are more words for `openssl dgst`."""
        if not self._pure:
            return run(["openssl", "dgst", f"-{hashed}", *options, "-sign", self.private], data=data)
        with tempfile.NamedTemporaryFile() as file:  # an input of known length is wanted
            file.write(data)
            file.flush()
            return run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.private, "-in", file.name])

    def spki(self) -> bytes:
        return run(["openssl", "pkey", "-in", self.private, "-pubout", "-outform", "DER"])


# --- cosign's simple signing


def simple_signing(image: str, *, kind: str | None = "cosign container image signature", **optional: object) -> bytes:
    """The document that is signed, for an image with this digest."""
    critical: dict[str, object] = {"identity": {"docker-reference": ""}, "image": {"docker-manifest-digest": image}}
    if kind is not None:
        critical["type"] = kind
    return _json({"critical": critical, "optional": optional or None})


@dataclass(frozen=True)
class SignedLayer:
    """One layer of a .sig or .att manifest."""

    payload: bytes
    annotations: Mapping[str, str] = field(default_factory=dict)
    media_type: str = SIMPLE_SIGNING


def signed_layer(key: Key, payload: bytes, annotations: Mapping[str, str] | None = None) -> SignedLayer:
    """Simple signing of this document, with more annotations."""
    return SignedLayer(payload, {SIGNATURE: b64(key.sign(payload)), **(annotations or {})})


def signature_manifest(layers: Sequence[SignedLayer]) -> Document:
    """What stands under a .sig or .att tag."""
    config = b"{}"
    entries = [
        {"mediaType": each.media_type, "digest": digest(each.payload), "size": len(each.payload),
         "annotations": dict(each.annotations)} for each in layers
    ]  # fmt: skip
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "layers": entries,
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config),
                           "size": len(config)}}  # fmt: skip
    return Document(MANIFEST, _json(manifest), {digest(config): config, **{digest(x.payload): x.payload for x in layers}})


def tag_of(image: str, ending: str = ".sig") -> str:
    """The tag that cosign derives from a digest; without ending that of the referrers' fallback."""
    return image.replace(":", "-") + ending


# --- envelopes and bundles


def statement(image: str, kind: object = COSIGN_SIGN, predicate: object = None, **fields: object) -> bytes:
    """An in-toto statement about an image; `fields` replace its members."""
    subject = [{"digest": {"sha256": image.removeprefix("sha256:")}}]
    whole = {"_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": kind,
             "predicate": {} if predicate is None else predicate}  # fmt: skip
    return _json({**whole, **fields})


def pre_auth_encoding(payload: bytes, kind: str = IN_TOTO) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def envelope(payload: bytes, *signers: Key | bytes, kind: str = IN_TOTO) -> dict[str, object]:
    """A DSSE envelope; a signer is a key, or the bytes of a signature."""
    encoded = pre_auth_encoding(payload, kind)
    made = [each if isinstance(each, bytes) else each.sign(encoded) for each in signers]
    return {"payload": b64(payload), "payloadType": kind, "signatures": [{"sig": b64(each)} for each in made]}


def bundle(content: Mapping[str, object], **material: object) -> dict[str, object]:
    """A bundle v0.3 by key around an envelope; `material` are more members of verificationMaterial."""
    return {"mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": "rig"}, **material}, "dsseEnvelope": dict(content)}


def signed_bundle(key: Key, image: str, kind: object = COSIGN_SIGN, predicate: object = None) -> dict[str, object]:
    """What `cosign sign --key` or, of another type, `cosign attest --key` stores."""
    return bundle(envelope(statement(image, kind, predicate), key))


def referrer(subject: Document, *blobs: object, kind: str = BUNDLE, **fields: object) -> Document:
    """A manifest that claims to be about `subject`, one layer for each blob; `fields` replace its members."""
    contents = [each if isinstance(each, bytes) else _json(each) for each in blobs]
    empty = b"{}"
    manifest = {
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": kind,
        "config": {"mediaType": EMPTY, "digest": digest(empty), "size": len(empty)},
        "layers": [{"mediaType": kind, "digest": digest(each), "size": len(each)} for each in contents],
        "subject": subject.descriptor(),
    }  # fmt: skip
    return Document(MANIFEST, _json({**manifest, **fields}), {digest(empty): empty, **{digest(each): each for each in contents}})


def referrers_index(manifests: Sequence[Document]) -> Document:
    """What the referrers API answers, and what stands under the fallback tag."""
    entries = [each.descriptor() | {"artifactType": BUNDLE} for each in manifests]
    return Document(INDEX, _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}), children=tuple(manifests))


class Attacher:
    """Puts signatures beside images of a repository whose registry has no referrers API."""

    def __init__(self, uploader: Uploader, repository: str):
        self._uploader = uploader
        self._repository = repository

    def sig_tag(self, image: str, *layers: SignedLayer, ending: str = ".sig") -> None:
        self._uploader.push(signature_manifest(layers), self._repository, tag_of(image, ending))

    def referrers(self, image: str, *manifests: Document) -> None:
        self._uploader.push(referrers_index(manifests), self._repository, tag_of(image, ""))

    def bundles(self, image: Document, *bundles: object) -> None:
        """Each in a referrer of its own."""
        self.referrers(image.digest, *(referrer(image, each) for each in bundles))


# --- Rekor v1, of which there is no server here


def rekor_bundle(log: Key, payload: bytes, signature: bytes, signer: Key, *, at: int, index: int = 7) -> dict[str, object]:
    """The annotation with which cosign says that a log has this signature: the log's promise over a hashedrekord."""
    body = {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {
        "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}},
        "signature": {"content": b64(signature), "publicKey": {"content": b64(signer.public.read_bytes())}}}}  # fmt: skip
    entry = {"body": b64(_json(body)), "integratedTime": at, "logID": hashlib.sha256(log.spki()).hexdigest(), "logIndex": index}
    return {"SignedEntryTimestamp": b64(log.sign(_json(entry))), "Payload": entry}


def log_root(log: Key, start: str = "2026-01-01T00:00:00Z", **valid: str) -> dict[str, object]:
    """A trusted_root.json that knows this log and nothing else."""
    spki = log.spki()
    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [{
            "baseUrl": "https://log.example", "hashAlgorithm": "SHA2_256", "logId": {"keyId": b64(hashlib.sha256(spki).digest())},
            "publicKey": {"rawBytes": b64(spki), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": {"start": start, **valid}},
        }],
        "certificateAuthorities": [], "ctlogs": [], "timestampAuthorities": [],
    }  # fmt: skip


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
