"""The objects of docs/install.md are what an API server takes, to the last field."""

import re
import unittest

from rig.controlplane import ControlPlane
from rig.paths import ROOT


# Other projects' resources, which this server does not know.
FOREIGN = ("cert-manager.io/", "monitoring.coreos.com/", "argoproj.io/", "helm.toolkit.fluxcd.io/", "source.toolkit.fluxcd.io/")


class InstallTest(unittest.TestCase):
    def test_the_api_server_takes_every_object(self):
        blocks = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/install.md").read_text(), re.DOTALL | re.MULTILINE)
        documents = [document for block in blocks for document in re.split(r"^---$", block, flags=re.MULTILINE)]
        objects = [one for one in documents if re.search(r"^apiVersion: (?!xzgate\.dev/)", one, re.MULTILINE)]
        ours = [one for one in objects if not re.search(rf"^apiVersion: ({'|'.join(FOREIGN)})", one, re.MULTILINE)]
        kinds = {re.search(r"^kind: (\w+)", one, re.MULTILINE).group(1) for one in ours}
        self.assertLessEqual({"StatefulSet", "Service", "ValidatingWebhookConfiguration"}, kinds)
        with ControlPlane() as plane:
            plane.create_namespace("xzgate")
            for number, document in enumerate(ours):
                path = plane.folder / f"install-{number}.yaml"
                path.write_text(document)
                plane.kubectl("apply", "--validate=strict", "-f", str(path))


if __name__ == "__main__":
    unittest.main()
