"""Takes images to a registry: by skopeo as people do, or byte by byte where skopeo would refuse or rewrite."""

import base64
import http.client
import json
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urljoin, urlsplit

from rig.images import Document, write_directory
from rig.process import RigError, run
from rig.registry import AnyRegistry, docker_config
from rig.tree import digest


@dataclass(frozen=True)
class Login:
    user: str
    password: str


def reference(registry: AnyRegistry, repository: str, tag: str) -> str:
    return f"{registry.address}/{repository}:{tag}"


def skopeo_push(registry: AnyRegistry, document: Document, repository: str, tag: str, login: Login | None = None) -> str:
    """Pushes every byte and every platform with `skopeo copy`; returns the reference."""
    with tempfile.TemporaryDirectory(prefix="xzgate-push-") as folder:
        write_directory(Path(folder), document)
        skopeo_copy(f"dir:{folder}", registry, repository, tag, login=login)
    return reference(registry, repository, tag)


def skopeo_copy(
    source: str,
    registry: AnyRegistry,
    repository: str,
    tag: str,
    *,
    login: Login | None = None,
    rewrite: tuple[str, ...] = ("--preserve-digests",),
) -> None:
    """Copies anything skopeo reads (oci:, docker-archive:, docker://) to the registry.

    `rewrite` replaces the switch that keeps every byte, by ("--format", "v2s2") for instance.
    """
    with tempfile.TemporaryDirectory(prefix="xzgate-skopeo-") as folder:
        trust = certificate_folder(registry, Path(folder))
        creds = [f"--dest-creds={login.user}:{login.password}"] if login else ["--dest-no-creds"]
        tls = ["--dest-cert-dir", trust] if registry.tls else ["--dest-tls-verify=false"]
        run(["skopeo", "--insecure-policy", "copy", "--quiet", "--all", *rewrite, *tls, *creds,
             source, f"docker://{reference(registry, repository, tag)}"])  # fmt: skip


def certificate_folder(registry: AnyRegistry, folder: Path) -> Path:
    """A folder as skopeo's and buildah's --cert-dir want it: the authority in a file `*.crt`."""
    (folder / "ca.crt").write_bytes(registry.authority.certificate.read_bytes())
    return folder


def client_env(registry: AnyRegistry, folder: Path, login: Login | None = None) -> dict[str, str]:
    """The environment in which Go clients (crane, oras, cosign) trust the registry and log in."""
    logins = {registry.address: (login.user, login.password)} if login else {}
    docker_config(folder, logins)
    return {"SSL_CERT_FILE": str(registry.authority.certificate), "DOCKER_CONFIG": str(folder)}


class Uploader:
    """Speaks the distribution protocol itself, and sends the bytes as they are. One connection a request."""

    def __init__(self, registry: AnyRegistry, login: Login | None = None):
        self._registry = registry
        self._login = login
        self._authorization: dict[str, str] = {}
        if login:
            basic = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
            self._authorization = {"Authorization": f"Basic {basic}"}

    def push(self, document: Document, repository: str, tag: str) -> str:
        """Uploads all blobs and documents, and the top one under `tag`; returns the reference."""
        if self._login:
            self._fetch_token(repository)
        for name, content in document.all_blobs().items():
            self.put_blob(repository, content, name)
        for below in document.all_documents()[:-1]:
            self.put_manifest(repository, below.digest, below.media_type, below.content)
        self.put_manifest(repository, tag, document.media_type, document.content)
        return reference(self._registry, repository, tag)

    def put_blob(self, repository: str, content: bytes, name: str | None = None) -> None:
        name = name or digest(content)
        if self._ask("HEAD", f"/v2/{repository}/blobs/{name}")[0] == 200:
            return
        status, headers, body = self._ask("POST", f"/v2/{repository}/blobs/uploads/")
        _want(202, status, "start of upload", body)
        place = urlsplit(urljoin(self._registry.url, headers["location"]))
        query = f"{place.query}&digest={quote(name)}" if place.query else f"digest={quote(name)}"
        kind = {"Content-Type": "application/octet-stream"}
        status, _, body = self._ask("PUT", f"{place.path}?{query}", content, kind)
        _want(201, status, f"blob {name}", body)

    def put_manifest(self, repository: str, name: str, media_type: str, content: bytes) -> None:
        status, _, body = self._ask(
            "PUT", f"/v2/{repository}/manifests/{name}", content, {"Content-Type": media_type}
        )
        _want(201, status, f"manifest {name}", body)

    def get_manifest(self, repository: str, name: str) -> bytes:
        kinds = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"
        status, _, body = self._ask("GET", f"/v2/{repository}/manifests/{name}", headers={"Accept": kinds})
        _want(200, status, f"manifest {name}", body)
        return body

    def get_blob(self, repository: str, name: str) -> bytes:
        status, _, body = self._ask("GET", f"/v2/{repository}/blobs/{name}")
        _want(200, status, f"blob {name}", body)
        return body

    def delete_manifest(self, repository: str, name: str) -> None:
        status, _, body = self._ask("DELETE", f"/v2/{repository}/manifests/{name}")
        _want(202, status, f"delete {name}", body)

    def delete_blob(self, repository: str, name: str) -> None:
        """Leaves the manifests that name the blob in place: an image with a layer missing."""
        status, _, body = self._ask("DELETE", f"/v2/{repository}/blobs/{name}")
        _want(202, status, f"delete {name}", body)

    def _fetch_token(self, repository: str) -> None:
        """Answers a Bearer challenge, if there is one, and keeps the token for the requests that follow."""
        challenge = self._ask("GET", "/v2/", authorize=False)[1].get("www-authenticate", "")
        if not challenge.startswith("Bearer "):
            return
        fields = dict(part.split("=", 1) for part in challenge.removeprefix("Bearer ").split(","))
        realm = fields["realm"].strip('"')
        query = {"service": fields["service"].strip('"'), "scope": f"repository:{repository}:pull,push,delete"}
        place = urlsplit(realm)
        _, _, body = _exchange(place.scheme, place.netloc, self._context(), "GET",
                               f"{place.path}?{urlencode(query)}", b"", self._authorization)  # fmt: skip
        self._authorization = {"Authorization": f"Bearer {json.loads(body)['token']}"}

    def _ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        authorize: bool = True,
    ) -> tuple[int, dict[str, str], bytes]:
        sent = dict(headers or {}) | (self._authorization if authorize else {})
        scheme = "https" if self._registry.tls else "http"
        return _exchange(scheme, self._registry.address, self._context(), method, target, body, sent)

    def _context(self) -> ssl.SSLContext:
        return self._registry.authority.client_context()


def _exchange(
    scheme: str,
    address: str,
    context: ssl.SSLContext,
    method: str,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
) -> tuple[int, dict[str, str], bytes]:
    if scheme == "https":
        client: http.client.HTTPConnection = http.client.HTTPSConnection(address, context=context, timeout=60)
    else:
        client = http.client.HTTPConnection(address, timeout=60)
    try:
        client.request(method, target, body, dict(headers))
        answer = client.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        client.close()


def _want(status: int, got: int, what: str, body: bytes) -> None:
    if got != status:
        raise RigError(f"{what}: want status {status}, got {got}: {body[:500].decode(errors='replace')}")
