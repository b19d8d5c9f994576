"""One running gate for a class of tests, with a policy for each mode."""

from rig.review import Answer, Client
from rig.xzgate import Xzgate, image_policy, registry_settings, serve_config, write_documents
from support import RegistryCase, bad_image, clean_image

POLICIES = (
    image_policy("warns", namespaces=["staging"], mode="warn"),
    image_policy("audits", namespaces=["sandbox"], mode="audit"),
    image_policy("pinned", namespaces=["pinned"], requireDigest="deny"),
    image_policy("lenient", namespaces=["lenient"], outcomes={"unknown": {"unreachable": "warn", "pending": "allow"}}),
    image_policy("rest", messageSuffix="ask #security"),
)


class GateCase(RegistryCase):
    """`bad` and `clean` are images in the registry; each test has a connection of its own to the gate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bad = cls.push(bad_image(), "shop/bad")
        cls.clean = cls.push(clean_image(), "shop/clean")
        policies = write_documents(cls.folder / "policies.yaml", *POLICIES)
        config = serve_config(cls.folder, cls.authority, registries=registry_settings(cls.registry), policies=[str(policies)])
        cls.gate = cls.enterClassContext(Xzgate(config))

    def setUp(self):
        super().setUp()
        self.client = Client(self.gate.url, self.authority)
        self.addCleanup(self.client.close)

    def ask(self, document, **options: object) -> Answer:
        answer = self.client.ask(document, **options)
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def heads(self, repository: str, tag: str = "1") -> int:
        return self.registry.count("HEAD", f"/v2/{repository}/manifests/{tag}")
