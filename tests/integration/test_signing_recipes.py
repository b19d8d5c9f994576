"""The commands of docs/signatures.md and of denials, run as they stand, with the real cosign and openssl.

Of the page these are the blocks in sh, in order and in one folder, in which each of its policies is a file of its name.
"""

import json
import os
import re
import subprocess
import time
import unittest

from rig.paths import ROOT, tool
from rig.process import wait_until
from rig.push import client_env
from rig.xzgate import binary, image_policy
from signature_case import SignatureCase, small_image
from signature_gate_case import VULNERABILITIES, SignatureGateCase
from support import SLOW

HOST, ISSUER = "registry.example/", "https://issuer.example"  # as the page calls them


class Shell:
    """`run` is what somebody types: `xzgate` and `cosign` are there, trust the registry, and have the variables given."""

    def __init__(self, case: SignatureCase):
        self.folder = case.scratch
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "cosign").symlink_to(tool("cosign"))
        script = programs / "xzgate"  # the registry's authority is the test's
        script.write_text(f'#!/bin/sh\nexec "{binary().resolve()}" "$@" --ca "{case.authority.certificate}"\n')
        script.chmod(0o755)
        self._environment = {**os.environ, **client_env(case.registry, self.folder / "docker"), "COSIGN_PASSWORD": "",
                             "HOME": str(self.folder), "PATH": f"{programs}:{os.environ['PATH']}"}  # fmt: skip

    def run(self, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euxc", text], cwd=self.folder, env={**self._environment, **variables}, capture_output=True,
            stdin=subprocess.DEVNULL, text=True, timeout=300, check=False,
        )  # fmt: skip


class PageTest(SignatureCase):
    def test_every_block_of_the_page(self):
        page = (ROOT / "docs" / "signatures.md").read_text()
        page = page.replace(HOST, f"{self.registry.address}/").replace(ISSUER, self.sigstore.issuers.people)
        shell = Shell(self)
        for policy in _blocks(page, "yaml"):
            name = re.search(r"^metadata: {name: ([a-z-]+)}$", policy, re.MULTILINE)
            assert name, policy
            (self.scratch / f"{name[1]}.yaml").write_text(policy)
        self.put_what_the_page_takes_for_there()
        blocks = _blocks(page, "sh")
        self.assertGreaterEqual(len(blocks), 5)
        for number, block in enumerate(blocks):
            with self.subTest(block):
                image = self.put(small_image(f"recipe {number}"), f"shop/recipe-{number}")
                done = shell.run(block, IMAGE=image, SIGSTORE_ID_TOKEN=self.sigstore.issuers.person("dev@example.com"))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn("verified", done.stdout)

    def put_what_the_page_takes_for_there(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        files = {
            "app.tar.gz": "an archive",
            "sbom.spdx.json": json.dumps({"SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3", "packages": []}),
            "scan.json": json.dumps({"scanner": {"uri": "scanner.example", "result": {"vulnerabilities": []}},
                                     "metadata": {"scanStartedOn": now, "scanFinishedOn": now}}),
            "trusted_root.json": self.sigstore.trusted_root.read_text(),
            "signing_config.json": self.sigstore.signing_config.read_text(),
        }  # fmt: skip
        for name, text in files.items():
            (self.scratch / name).write_text(text)


class DenialTest(SignatureGateCase):
    """What stands behind `fix:` does what it says, once KEY and FILE are there."""

    @classmethod
    def policies(cls) -> list[dict]:
        release = {"name": "release", "key": {"file": str(cls.keys.public)}}
        marked = {**release, "annotations": {"stage": "prod"}}
        required = {"require": [{"any": ["release"]}]}
        return [
            image_policy("released", namespaces=["released"], authorities=[release], signatures=required),
            image_policy("marked", namespaces=["marked"], authorities=[marked], signatures=required),
            image_policy("described", namespaces=["described"], authorities=[release],
                         attestations=[{"type": "vuln", "any": ["release"]}]),
        ]  # fmt: skip

    def test_the_command_of_a_denial(self):
        shell = Shell(self)
        predicate = self.scratch / "predicate.json"
        predicate.write_text("{}")
        for namespace, attested in (("released", False), ("marked", False), ("described", True)):
            with self.subTest(namespace):
                name = self.put(small_image(f"fixed {namespace}"), f"fixed/{namespace}")
                message = self.assert_refused(name, "SG001", namespace).message
                command = re.search(r"fix: as [a-z]+: (cosign .*)$", message, re.MULTILINE)
                assert command, message
                self.assertEqual(VULNERABILITIES in command[1], attested)
                text = command[1].replace("--key KEY", f"--key {self.keys.private}").replace("FILE", str(predicate))
                done = shell.run(text)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                asked = (name, namespace)
                wait_until(lambda asked=asked: self.ask(*asked).allowed, "answer to the signature", 10 * SLOW)


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


if __name__ == "__main__":
    unittest.main()
