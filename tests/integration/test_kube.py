"""The Kubernetes client (webhook/kube) by itself, against a real API server."""

import base64
import json
import os
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path
from queue import Empty, Queue

from rig.certs import Authority
from rig.controlplane import ControlPlane
from rig.process import run, wait_until

CLIENT = os.environ["XZGATE_KUBE_CLIENT"]
PATIENCE = 30 * float(os.environ.get("XZGATE_SLOW", "1"))
MANY = 1_200  # several pages
EXPIRED = 3  # xzgate::ErrorKind


class Client:
    """kube_client: a command in, an answer out."""

    def __init__(self, case: unittest.TestCase, *arguments: str | Path | int):
        self._child = subprocess.Popen(
            [CLIENT, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        case.addCleanup(self._end)
        self._lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def ask(self, *words: object) -> dict:
        self.tell(*words)
        return self.hear()

    def ok(self, *words: object):
        answer = self.ask(*words)
        if "ok" not in answer:
            raise AssertionError(f"{words}: {answer}")
        return answer["ok"]

    def tell(self, *words: object) -> None:
        self._child.stdin.write(json.dumps(words) + "\n")
        self._child.stdin.flush()

    def hear(self) -> dict:
        try:
            return json.loads(self._lines.get(timeout=PATIENCE))
        except Empty:
            raise AssertionError("kube_client says nothing") from None

    def hear_until(self, **wanted: str) -> list[dict]:
        heard = []
        while not heard or any(heard[-1].get(key) != value for key, value in wanted.items()):
            heard.append(self.hear())
        return heard

    def _read(self) -> None:
        for line in self._child.stdout:
            self._lines.put(line)

    def _end(self) -> None:
        self._child.stdin.close()
        try:
            self._child.wait(PATIENCE)
        finally:
            self._child.kill()
            self._reader.join()
            self._child.stdout.close()


class KubeCase(unittest.TestCase):
    """A class with a control plane of its own, and a service account with few rights."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="xzgate-test-")))
        cls.clients = Authority(cls.folder / "clients", "client authority")
        flags = [f"--client-ca-file={cls.clients.certificate}"]
        cls.plane = cls.enterClassContext(ControlPlane(cls.folder / "plane", flags=flags))
        cls.plane.create_namespace("shop")
        cls.plane.kubectl("create", "serviceaccount", "gate", "-n", "shop")
        rules = ["--resource=configmaps", *(f"--verb={v}" for v in "get list watch create update patch delete".split())]
        cls.allow("gate", "shop", *rules)
        cls.account = cls.service_account("gate")

    @classmethod
    def allow(cls, account: str, namespace: str, *rules: str) -> None:
        cls.plane.kubectl("create", "role", account, "-n", namespace, *rules)
        subject = f"--serviceaccount={namespace}:{account}"
        cls.plane.kubectl("create", "rolebinding", account, "-n", namespace, f"--role={account}", subject)

    @classmethod
    def service_account(cls, name: str) -> Path:
        """A folder as the kubelet mounts it."""
        folder = cls.folder / f"account-{name}"
        folder.mkdir()
        (folder / "ca.crt").write_bytes((cls.plane.folder / "ca" / "ca.pem").read_bytes())
        (folder / "namespace").write_text("shop")
        (folder / "token").write_text(cls.token(name))
        return folder

    @classmethod
    def token(cls, account: str) -> str:
        return cls.plane.kubectl("create", "token", account, "-n", "shop").stdout.strip()

    def admin(self) -> Client:
        return Client(self, "kubeconfig", self.plane.kubeconfig)

    def pod(self, folder: Path | None = None) -> Client:
        """A client inside the cluster."""
        return Client(self, "in-cluster", "localhost", self.plane.port, folder or self.account)

    def outside(self, cluster: dict, user: dict) -> Client:
        """A client with a kubeconfig of this cluster and user."""
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "c", "cluster": {"certificate-authority": "plane/ca/ca.pem", **cluster}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
        }  # fmt: skip
        path = self.folder / f"{self._testMethodName}.kubeconfig"
        path.write_text(json.dumps(config))
        return Client(self, "kubeconfig", path)

    def assert_fails(self, answer: dict, code: str, *texts: str) -> None:
        self.assertEqual(answer.get("code"), code, answer)
        for text in texts:
            self.assertIn(text, answer["error"])


def config_map(name: str, data: dict | None = None, namespace: str = "shop", **metadata: object) -> dict:
    return {"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace, **metadata}, "data": data or {}}  # fmt: skip


class WritingTest(KubeCase):
    def test_objects_come_back_as_they_were_stored(self):
        client = self.pod()
        made = client.ok("create", "configmaps", config_map("life", {"a": "1"}))
        self.assertEqual(client.ok("get", "configmaps", "shop", "life"), made)
        made["data"]["a"] = "2"
        updated = client.ok("update", "configmaps", made)
        self.assertEqual(self.plane.get("configmap", "life", "-n", "shop")["data"], {"a": "2"})
        self.assertEqual(updated["metadata"]["managedFields"][0]["manager"], "xzgate")
        client.ok("delete", "configmaps", "shop", "life", updated["metadata"]["resourceVersion"])
        self.assert_fails(client.ask("get", "configmaps", "shop", "life"), "not_found", '"life" in namespace "shop"')

    def test_the_second_writer_is_told(self):
        client = self.pod()
        made = client.ok("create", "configmaps", config_map("twice"))
        self.assert_fails(client.ask("create", "configmaps", config_map("twice")), "already_exists", '"twice"')
        self.plane.kubectl("label", "configmap", "twice", "-n", "shop", "faster=yes")
        self.assert_fails(client.ask("update", "configmaps", made), "conflict", "has been modified")
        old = made["metadata"]["resourceVersion"]
        self.assert_fails(client.ask("delete", "configmaps", "shop", "twice", old), "conflict")

    def test_apply_owns_its_fields_only(self):
        client = self.pod()
        client.ok("apply", "configmaps", config_map("applied", {"ours": "1"}))
        other = ["apply", "--server-side", "--field-manager=other", "-f", "-"]
        self.plane.kubectl(*other, document=config_map("applied", {"theirs": "1"}))
        client.ok("apply", "configmaps", config_map("applied", {"ours": "2"}))
        stored = self.plane.get("configmap", "applied", "-n", "shop")
        self.assertEqual(stored["data"], {"ours": "2", "theirs": "1"})
        theirs = config_map("applied", {"theirs": "2"})
        self.assert_fails(client.ask("apply", "configmaps", theirs), "conflict", '"other"')
        self.assertEqual(client.ok("apply", "configmaps", theirs, "force")["data"], {"theirs": "2"})

    def test_a_patch_is_taken_when_its_test_holds(self):
        client = self.pod()
        client.ok("create", "configmaps", config_map("patched", {"a": "1"}))
        patch = ["patch", "configmaps", "shop", "patched", "a"]
        self.assertEqual(client.ok(*patch, "1", "2")["data"], {"a": "2"})
        self.assert_fails(client.ask(*patch, "1", "3"), "conflict", "a test of the patch failed")
        self.assert_fails(client.ask(*patch, "2", {"not": "text"}), "invalid_argument")
        self.assertEqual(self.plane.get("configmap", "patched", "-n", "shop")["data"], {"a": "2"})

    def test_what_the_api_server_refuses_is_said_in_its_words(self):
        client = self.admin()
        self.assert_fails(
            client.ask("create", "configmaps", config_map("a", {"bad key": ""})), "invalid_argument", "bad key"
        )
        nowhere = config_map("a", namespace="nowhere")
        self.assert_fails(client.ask("create", "configmaps", nowhere), "not_found", '"nowhere"')
        large = config_map("a", {"a": "x" * 2_000_000})
        self.assert_fails(client.ask("create", "configmaps", large), "invalid_argument", "configmaps")


class AccountTest(KubeCase):
    def test_a_missing_right_is_named(self):
        client = self.pod()
        self.assert_fails(
            client.ask("get", "serviceaccounts", "shop", "default"), "permission_denied",
            'verb "get" on resource "serviceaccounts" of API group "" in namespace "shop"', "shop:gate",
        )  # fmt: skip
        self.assert_fails(
            client.ask("list", "apps/v1/deployments", ""), "permission_denied",
            'verb "list" on resource "deployments" of API group "apps" of the whole cluster',
        )  # fmt: skip

    def test_secrets_are_read_one_by_one_and_when_allowed(self):
        self.plane.kubectl("create", "secret", "generic", "pull", "-n", "shop", "--from-literal=a=hunter2")
        client = self.pod()
        self.assert_fails(client.ask("secret", "shop", "pull"), "permission_denied", 'verb "get" on resource "secrets"')
        self.plane.kubectl("create", "serviceaccount", "reader", "-n", "shop")
        self.allow("reader", "shop", "--verb=get", "--resource=secrets", "--resource-name=pull")
        reader = self.pod(self.service_account("reader"))
        self.assertEqual(reader.ok("secret", "shop", "pull"), {"a": 7})
        self.assert_fails(reader.ask("secret", "shop", "other"), "permission_denied")
        self.assert_fails(reader.ask("secret", "shop", "../configmaps/x"), "invalid_argument")
        self.assert_fails(reader.ask("list", "secrets", "shop"), "invalid_argument", "never listed")

    def test_an_expired_token_is_replaced_by_the_newer_one_of_its_file(self):
        folder = self.folder / "expiring"
        folder.mkdir()
        for file in self.account.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        (folder / "token").write_text(self.expired_token())
        client = self.pod(folder)
        self.assert_fails(client.ask("list", "configmaps", "shop"), "unauthenticated")
        (folder / "token").write_text(self.token("gate"))
        client.ok("list", "configmaps", "shop")  # it still holds the old one

    def expired_token(self) -> str:
        """A token of the account that the API server signed, had it done so an hour ago."""
        now = int(time.time())
        account = self.plane.get("serviceaccount", "gate", "-n", "shop")
        identity = {"namespace": "shop", "serviceaccount": {"name": "gate", "uid": account["metadata"]["uid"]}}
        issuer = "https://kubernetes.default.svc"
        claims = {
            "iss": issuer, "aud": [issuer], "sub": "system:serviceaccount:shop:gate", "kubernetes.io": identity,
            "iat": now - 7200, "nbf": now - 7200, "exp": now - 3600,
        }  # fmt: skip
        text = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
        key = self.plane.folder / "sa.key"
        return f"{text}.{_base64(run(['openssl', 'dgst', '-sha256', '-sign', key], data=text.encode()))}"

    def test_a_client_certificate(self):
        leaf = self.clients.leaf("somebody", dns=("somebody",))
        user = {"client-certificate": str(leaf.certificate), "client-key": str(leaf.key)}
        client = self.outside({"server": self.plane.url}, user)
        self.assert_fails(client.ask("list", "configmaps", "shop"), "permission_denied", "somebody")

    def test_nobody(self):
        client = self.outside({"server": self.plane.url}, {})
        self.assert_fails(client.ask("list", "configmaps", "shop"), "permission_denied", "system:anonymous")

    def test_the_api_server_is_verified(self):
        admin = {"token": "rig-admin"}
        address = {"server": f"https://127.0.0.1:{self.plane.port}"}
        named = self.outside({**address, "tls-server-name": "kubernetes.default.svc"}, admin)
        named.ok("list", "configmaps", "shop")
        wrong = self.outside({**address, "tls-server-name": "elsewhere.invalid"}, admin)
        self.assert_fails(wrong.ask("list", "configmaps", "shop"), "unavailable", "elsewhere.invalid")
        other = self.outside({**address, "certificate-authority": str(self.clients.certificate)}, admin)
        self.assert_fails(other.ask("list", "configmaps", "shop"), "unavailable", "certificate")

    def test_an_api_that_is_not_there(self):
        client = self.admin()
        self.assert_fails(
            client.ask("get", "nothing.example/v1/things", "shop", "a"), "unsupported",
            'does not serve "nothing.example/v1" "things"',
        )  # fmt: skip
        self.assert_fails(client.ask("list", "batch/v1beta1/cronjobs", "shop"), "unsupported", "batch/v1beta1")


class ManyTest(KubeCase):
    def test_a_long_list_comes_in_pages(self):
        self.plane.create_namespace("crowd")
        client = self.admin()
        names = [f"item-{i:04}" for i in range(MANY)]
        for name in names:
            client.ok("create", "configmaps", config_map(name, {"a": "1"}, "crowd"))
        self.assertEqual(client.ok("list", "configmaps", "crowd"), names)

    def test_a_watch_outlives_the_api_server(self):
        watcher, admin = self.pod(), self.admin()
        watcher.tell("watch", "configmaps", "shop")
        watcher.hear_until(saw="synced")
        admin.ok("create", "configmaps", config_map("before"))
        watcher.hear_until(saw="object", name="before")

        self.plane.stop_server()
        watcher.hear_until(saw="trouble")
        self.plane.start_server()
        wait_until(lambda: "ok" in admin.ask("create", "configmaps", config_map("after")), "created", PATIENCE)
        watcher.hear_until(saw="object", name="after")
        admin.ok("delete", "configmaps", "shop", "after", "")
        watcher.hear_until(saw="deleted", name="after")

        asked = time.monotonic()
        watcher.tell("stop")
        watcher.hear_until(saw="end")
        self.assertLess(time.monotonic() - asked, PATIENCE / 10)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


if __name__ == "__main__":
    unittest.main()
