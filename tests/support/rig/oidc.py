"""OIDC issuers on a loopback port that vouch for whomever a test names: people, and workflows as GitHub runs them.

OpenID Connect Discovery 1.0 and RFC 7519 are what it follows; the claims of a workflow are those of GitHub's
documentation "OpenID Connect reference".
"""

import base64
import contextlib
import json
import time
from collections.abc import Mapping
from pathlib import Path

from rig.process import Part, run
from rig.server import JsonHandler, serve

AUDIENCE = "sigstore"
KEY_ID = "rig"


class Issuers(Part):
    """Two issuers under one address: `people` names e-mail addresses, `workflows` is like GitHub's."""

    @property
    def people(self) -> str:
        return f"{self._url}/people"

    @property
    def workflows(self) -> str:
        return f"{self._url}/workflows"

    def person(self, address: str) -> str:
        """An identity token for this e-mail address, valid for an hour."""
        return self._token(self.people, {"sub": address, "email": address, "email_verified": True})

    def workflow(
        self,
        repository: str = "acme/shop",
        *,
        file: str = ".github/workflows/release.yml",
        ref: str = "refs/heads/main",
        trigger: str = "push",
    ) -> str:
        """An identity token for a run of this workflow; its subject is `workflow_subject` of the same arguments."""
        owner, commit = repository.partition("/")[0], "a" * 40
        path = f"{repository}/{file}@{ref}"
        claims = {
            "sub": f"repo:{repository}:ref:{ref}", "event_name": trigger, "ref": ref, "sha": commit,
            "repository": repository, "repository_id": "101", "repository_owner": owner, "repository_owner_id": "100",
            "repository_visibility": "private", "workflow": "release", "workflow_ref": path, "workflow_sha": commit,
            "job_workflow_ref": path, "job_workflow_sha": commit, "run_id": "7", "run_attempt": "1",
            "runner_environment": "github-hosted",
        }  # fmt: skip
        return self._token(self.workflows, claims)

    def fulcio_settings(self) -> dict[str, object]:
        """The configuration that makes Fulcio believe both."""
        return {
            "oidc-issuers": {
                self.people: {"issuer-url": self.people, "client-id": AUDIENCE, "type": "email"},
                self.workflows: {"issuer-url": self.workflows, "client-id": AUDIENCE, "type": "github-workflow"},
            }
        }

    def _token(self, issuer: str, claims: Mapping[str, object]) -> str:
        now = int(time.time())
        header = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}
        times = {"iss": issuer, "aud": AUDIENCE, "iat": now, "nbf": now - 5, "exp": now + 3600}
        text = f"{_segment(header)}.{_segment({**times, **claims})}"
        return f"{text}.{_base64url(run(['openssl', 'dgst', '-sha256', '-sign', self._key], data=text.encode()))}"

    def _start(self, stack: contextlib.ExitStack) -> None:
        self._key = self.folder / "issuer.key"
        run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self._key])
        self._url = f"http://127.0.0.1:{serve(stack, _handler(_public_keys(self._key)))}"


def workflow_subject(
    repository: str = "acme/shop", file: str = ".github/workflows/release.yml", ref: str = "refs/heads/main"
) -> str:
    """What Fulcio writes into the certificate of such a workflow."""
    return f"https://github.com/{repository}/{file}@{ref}"


def _public_keys(key: Path) -> dict[str, object]:
    """A JSON Web Key Set (RFC 7517) with this key's public half."""
    modulus = run(["openssl", "rsa", "-in", key, "-noout", "-modulus"]).decode().strip().removeprefix("Modulus=")
    return {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID,
                      "n": _base64url(bytes.fromhex(modulus)), "e": "AQAB"}]}  # fmt: skip


def _handler(keys: dict[str, object]) -> type[JsonHandler]:
    class Handler(JsonHandler):
        def do_GET(self) -> None:  # noqa: N802 (the name is http.server's)
            if self.path.endswith("/keys"):
                self.answer(keys)
                return
            issuer = f"http://{self.headers['Host']}{self.path.removesuffix('/.well-known/openid-configuration')}"
            self.answer({
                "issuer": issuer, "jwks_uri": f"{issuer}/keys", "authorization_endpoint": f"{issuer}/auth",
                "token_endpoint": f"{issuer}/token", "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
            })  # fmt: skip

    return Handler


def _segment(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
