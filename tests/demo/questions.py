"""What the demo asks xzgate, and what it must answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rig.review import Answer, pod


@dataclass(frozen=True)
class Question:
    """One AdmissionReview. `want` is the decision; `says` must stand in what a person or an auditor would read."""

    title: str
    document: Mapping[str, object]
    want: str
    says: tuple[str, ...] = ()
    timeout: int = 5
    options: Mapping[str, object] = field(default_factory=dict)

    def is_answered_by(self, answer: Answer) -> bool:
        if answer.status != 200 or answer.annotations.get("decision") != self.want:
            return False
        text = "\n".join([answer.message, *answer.warnings, *answer.annotations.values()])
        return answer.allowed == (self.want != "deny") and all(word in text for word in self.says)


def questions(address: str) -> list[Question]:
    """For images in the registry at this address."""
    bad, both = f"{address}/shop/api:1.4", f"{address}/shop/worker:2"
    ubuntu, alpine, clean = f"{address}/shop/web:24.04", f"{address}/shop/proxy:3.20", f"{address}/shop/cache:7"
    debug = pod("cache", images=[clean], ephemeral=[bad], namespace="shop")
    elsewhere = "registry.invalid/shop/api:1"
    return [
        Question("a pod whose container has the backdoor", pod("api", images=[bad], namespace="shop"), "deny",
                 ("XZ001 affected", "liblzma5 5.6.1-1", "layer 2 of 2", "fix:", "#platform-security")),
        Question("a clean pod, but its init container has the backdoor",
                 pod("web", images=[clean], init=[bad], namespace="shop"), "deny", ("XZ001", 'init container "init-0"')),
        Question("an image for two platforms, one of them bad", pod("worker", images=[both], namespace="shop"), "deny",
                 ("XZ001", "linux/amd64")),
        Question("kubectl debug brings a bad container into a good pod", debug, "deny",
                 ("XZ001", 'ephemeral container "debug-0"'),
                 options={"operation": "UPDATE", "sub_resource": "ephemeralcontainers",
                          "old": pod("cache", images=[clean], namespace="shop")}),
        Question("a clean pod", pod("cache", images=[clean], namespace="shop"), "allow", ("XZ021",)),
        Question("fixed by Ubuntu and by Alpine", pod("web", images=[ubuntu, alpine], namespace="shop"), "allow", ("XZ020",)),
        Question("a signed image, where the policy asks for the release key",
                 pod("vault", images=[f"{address}/vault/signed:1"], namespace="vault"), "allow", ("XZ021",)),
        Question("a clean image that nobody signed, in the same place",
                 pod("vault", images=[f"{address}/vault/unsigned:1"], namespace="vault"), "deny", ("SG001 unsigned", "release")),
        Question("a clean image that somebody else signed",
                 pod("vault", images=[f"{address}/vault/stranger:1"], namespace="vault"), "deny", ("SG003 signature", "release")),
        Question("a registry that nobody can reach", pod("x", images=[elsewhere], namespace="shop"), "deny",
                 ("unreachable", elsewhere), timeout=2),
        Question("the bad image where the policy only audits", pod("api", images=[bad], namespace="sandbox"), "allow",
                 ("XZ001", "true")),
        Question("the bad image where the policy only warns", pod("api", images=[bad], namespace="staging"), "warn",
                 ("would be denied", "XZ001")),
        Question("a reference that is none", pod("typo", images=[f"{address}/Shop/API:1"], namespace="shop"), "deny", ("PL002",)),
    ]  # fmt: skip
