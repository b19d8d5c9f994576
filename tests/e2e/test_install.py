"""The objects of docs/install.md are what an API server takes, to the last field."""

import re
import unittest

from rig.controlplane import ControlPlane
from rig.paths import ROOT


class InstallTest(unittest.TestCase):
    def test_the_api_server_takes_every_object(self):
        blocks = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/install.md").read_text(), re.DOTALL | re.MULTILINE)
        objects = [block for block in blocks if block.startswith("apiVersion: ")]
        self.assertEqual(len(objects), 2)
        with ControlPlane() as plane:
            plane.create_namespace("xzgate")
            for number, block in enumerate(objects):
                path = plane.folder / f"install-{number}.yaml"
                path.write_text(block)
                plane.kubectl("apply", "--validate=strict", "-f", str(path))


if __name__ == "__main__":
    unittest.main()
