"""What a policy covers and asks for, and what follows when nobody can tell, through the whole gate: signatures.md 10.5 rows 4,
8, 10, 11 and 12 and 10.2 where they are about bundles by key."""

import time
import unittest
from collections.abc import Callable

from rig.faults import drip, silence
from rig.images import Document, index
from rig.review import pod
from rig.signing import COSIGN_SIGN, b64, bundle, envelope, referrer, referrers_index, signed_bundle, statement, tag_of
from rig.xzgate import image_policy
from signature_case import small_image
from signature_gate_case import SignatureGateCase
from support import SLOW

MALFORMED, SIGNATURE, UNSIGNED, TOO_MANY = "SG002", "SG003", "SG001", "SG015"


class PolicyCase(SignatureGateCase):
    with_sigstore = False

    @classmethod
    def policies(cls) -> list[dict]:
        key, other = cls.authorities()[:2]
        asks = {"authorities": [key], "signatures": {"require": [{"any": ["key"]}]}}
        here = cls.registry.address

        def under(path: str, spec: dict) -> dict:
            return image_policy(path.split("/")[0].replace("*", "x"), **{"images": [f"{here}/{path}"], **spec})

        two = {"authorities": [key, other], "signatures": {"require": [{"any": ["key"]}, {"any": ["other"]}]}}
        part = {"images": [f"{here}/parted/payment/*"], "any": ["other"]}
        return [
            image_policy("open", images=[f"{here}/shadow/open/*"]),
            under("shadow/**", asks),
            under("twice/**", two),
            under("parted/**", {**two, "signatures": {"require": [{"any": ["key"]}, part]}}),
            under("children/**", {**asks, "signatures": {**asks["signatures"], "verifyChildren": True}}),
            under("warned/**", {**asks, "outcomes": {"signatures": {"undecided": "warn"}}}),
            image_policy("faulty", images=[f"{cls.faulty.address}/**"], **asks),
            under("asked/**", asks),
        ]

    def signed(self, name: str, repository: str, *keys: object) -> str:
        document = small_image(name)
        return self.fresh(document, repository, bundles=[signed_bundle(key, document.digest) for key in keys])

    def judge(self, name: str, reason: str) -> None:
        if reason:
            self.assert_refused(name, reason, "default")
        else:
            self.assert_allowed(name, "default")


class CoverageTest(PolicyCase):
    """10.5 row 11."""

    def test_the_first_policy_that_covers_it(self):
        """A star stands for one component, and shadows nothing else."""
        for repository, reason in (("shadow/closed", UNSIGNED), ("shadow/open/x", ""), ("shadow/open/x/y", UNSIGNED),
                                   ("shadow/openx", UNSIGNED), ("shadow/opened/x", UNSIGNED), ("free/x", "")):  # fmt: skip
            with self.subTest(repository):
                self.judge(self.signed(repository, repository), reason)
        self.judge(self.signed("signed", "shadow/signed", self.key), "")

    def test_every_entry_that_covers_it(self):
        keys = {"none": (), "one": (self.key,), "the-other": (self.other_key,), "both": (self.key, self.other_key)}
        for who, signers in keys.items():
            with self.subTest(who):
                wanted = {"none": UNSIGNED, "both": ""}.get(who, SIGNATURE)
                self.judge(self.signed(f"twice {who}", f"twice/{who}", *signers), wanted)
        self.judge(self.signed("parted", "parted/api", self.key), "")
        self.judge(self.signed("parted", "parted/payment/api", self.key), SIGNATURE)
        self.judge(self.signed("parted", "parted/payment/web", self.key, self.other_key), "")

    def test_names_of_hosts(self):
        """Host case, look-alikes, another port: never another image than the one that is asked about."""
        good, bad = self.signed("a host", "asked/host", self.key), self.signed("a host too", "asked/hosted")
        self.judge(good, "")
        for name in (bad.replace("localhost", "LOCALHOST"), bad.replace("localhost", "l\u043ecalhost"), bad.replace("localhost", "localhost."),
                     bad.replace("asked", "ASKED"), bad.replace("/asked", "/./asked"), bad.replace("/asked", "//asked"),
                     bad.replace("/asked", "/free/../asked"), bad + "\n", bad.replace("sha256:", "sha256:0")):  # fmt: skip
            with self.subTest(name):
                self.assertFalse(self.ask(name, "default").allowed)

    def test_a_digest_beside_a_tag(self):
        """The digest wins, whatever the tag names."""
        signed, bare = small_image("pinned"), small_image("pinned, unsigned")
        digest = self.fresh(signed, "asked/pinned", bundles=[signed_bundle(self.key, signed.digest)]).partition("@")[2]
        unsigned = self.put(bare, "asked/pinned").partition("@")[2]  # takes the tag over
        tag = f"{self.registry.address}/asked/pinned:1"
        self.judge(f"{tag}@{digest}", "")
        self.judge(f"{tag}@{unsigned}", UNSIGNED)
        self.judge(tag, UNSIGNED)
        # Digests are in lower case, and of an algorithm that is known.
        for wrong in (digest.upper().replace("SHA256", "sha256"), digest.replace("sha256", "SHA256"), "sha512:" + "0" * 128, digest[:-1]):
            with self.subTest(wrong):
                self.assertFalse(self.ask(f"{tag}@{wrong}", "default").allowed)

    def test_an_index_and_its_children(self):
        """10.5 row 10."""
        for number, (count, reason) in enumerate(((0, UNSIGNED), (1, UNSIGNED), (2, ""))):
            children = [small_image(f"child {number} {n}") for n in range(2)]
            document = index(children)
            for repository, wanted in ((f"asked/index-{number}", UNSIGNED), (f"children/index-{number}", reason)):
                with self.subTest(repository):
                    name = self.put(document, repository)
                    for child in children[:count]:
                        self.attacher(repository).bundles(child, signed_bundle(self.key, child.digest))
                    self.judge(name, wanted)
                    # A child that is named itself is judged by itself.
                    single = name.replace(document.digest, children[0].digest)
                    self.judge(single, "" if count else UNSIGNED)


class UndecidedTest(PolicyCase):
    """10.5 row 12: who cannot be asked has not said yes."""

    def test_a_deadline(self):
        for number, fault in enumerate((drip(10), silence())):
            with self.subTest(number):
                document = small_image(f"slow {number}")
                self.faulty.add(document, f"slow/{number}")
                made = signed_bundle(self.key, document.digest)
                listed = referrers_index([referrer(document, made)])
                self.faulty.add(listed, f"slow/{number}", tag_of(document.digest, ""))
                self.faulty.on(f"/v2/slow/{number}/(referrers/.*|manifests/sha256-.*|manifests/{listed.digest})", fault)
                start = time.monotonic()
                answer = self.client.ask(pod(images=[f"{self.faulty.address}/slow/{number}@{document.digest}"]), timeout=3)
                self.assertFalse(answer.allowed)
                self.assertLess(time.monotonic() - start, 3 * SLOW)
                self.assertRegex(answer.message, r"\[SG01[48] ")
                self.faulty.heal()

    def test_only_where_the_policy_says_so(self):
        """It passes with a warning and is counted; unsigned is still unsigned."""
        self.judge(self.signed("warned", "warned/unsigned"), UNSIGNED)
        self.judge(self.signed("warned", "warned/wrong", self.other_key), SIGNATURE)


class BundlesByKeyTest(PolicyCase):
    def refuse(self, rows: dict[str, tuple[Callable[[Document], object], str]]) -> None:
        for number, (row, (make, reason)) in enumerate(rows.items()):
            with self.subTest(row):
                document = small_image(f"{self.id()} {row}")
                made = make(document)
                name = self.fresh(document, f"asked/{self.id().rpartition('_')[2]}-{number}", bundles=made if isinstance(made, list) else [made])
                self.judge(name, reason)

    def test_base64(self):
        """10.5 row 4: one spelling of a text is right."""

        def spelt(member: str, spell: Callable[[str], str]) -> Callable[[Document], object]:
            def make(document: Document) -> object:
                for number in range(1000):
                    made = bundle(envelope(statement(document.digest, predicate={"n": number}), self.key))
                    place = made["dsseEnvelope"] if member == "payload" else made["dsseEnvelope"]["signatures"][0]  # type: ignore[index]
                    old = place[member]
                    place[member] = spell(old)
                    if place[member] != old:
                        return made
                self.fail("every spelling is the same")

            return make

        def spare_bits(text: str) -> str:
            """The last digit before the padding, one of the bits that nobody needs set."""
            bare = text.rstrip("=")
            digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            return bare[:-1] + digits[digits.index(bare[-1]) | 1] + text[len(bare) :] if bare != text else text

        def mixed(text: str) -> str:
            return text.replace("+", "-") if "+" in text and "/" in text else text

        rows: dict[str, tuple[Callable[[Document], object], str]] = {"good": (lambda d: signed_bundle(self.key, d.digest), "")}
        for member in ("payload", "sig"):
            rows |= {
                f"{member} with white space": (spelt(member, lambda t: t[:8] + "\n" + t[8:]), MALFORMED),
                f"{member} with a space behind": (spelt(member, lambda t: t + " "), MALFORMED),
                f"{member} with padding more": (spelt(member, lambda t: t + "="), MALFORMED),
                f"{member} without padding": (spelt(member, lambda t: t.rstrip("=")), MALFORMED),
                f"{member} with spare bits": (spelt(member, spare_bits), MALFORMED),
            }  # fmt: skip
        # The protocol of DSSE has readers take both alphabets; a text in both is in neither.
        rows |= {
            "sig in the other alphabet": (spelt("sig", lambda t: t.replace("+", "-").replace("/", "_")), ""),
            "sig in two alphabets": (spelt("sig", mixed), MALFORMED),
        }
        self.refuse(rows)

    def test_several_bundles(self):
        """10.5 row 8, as bundles."""

        def good(document: Document) -> dict:
            return signed_bundle(self.key, document.digest)

        def bad(document: Document, number: int = 0) -> dict:
            return bundle(envelope(statement(document.digest, predicate={"n": number}), self.key.sign(b"other")))

        def stranger(document: Document) -> dict:
            return signed_bundle(self.other_key, document.digest)

        self.refuse({
            "bad, then good": (lambda d: [bad(d), good(d)], ""),
            "good, then bad": (lambda d: [good(d), bad(d)], ""),
            "damaged, then good": (lambda d: [b"{", good(d)], ""),
            "all bad": (lambda d: [bad(d, n) for n in range(3)], SIGNATURE),
            "a stranger's good one and our bad one": (lambda d: [stranger(d), bad(d)], SIGNATURE),
            "the tenth is good": (lambda d: [good(d), *(bad(d, n) for n in range(9))], ""),
            "the 51st is good": (lambda d: [good(d), *(bad(d, n) for n in range(50))], TOO_MANY),
        })  # fmt: skip

    def test_limits_of_statements(self):
        """CVE-2024-45395: subjects and digests of one."""

        def about(count: int, more: int = 0) -> Callable[[Document], object]:
            def make(document: Document) -> dict:
                digests = {f"x{n}": "00" for n in range(more)} | {"sha256": document.digest[7:]}
                subject = [{"digest": {"sha256": f"{n:064x}"}} for n in range(count - 1)] + [{"digest": digests}]
                return bundle(envelope(statement(document.digest, subject=subject), self.key))

            return make

        self.refuse({
            "one subject": (about(1), ""),
            "1,024 subjects": (about(1024), ""),
            "1,025 subjects": (about(1025), MALFORMED),
            "32 digests": (about(1, 31), ""),
            "33 digests": (about(1, 32), MALFORMED),
        })  # fmt: skip

    def test_subjects(self):
        """10.5 row 1: spellings of a digest."""

        def named(change: Callable[[str], dict]) -> Callable[[Document], object]:
            return lambda d: bundle(envelope(statement(d.digest, COSIGN_SIGN, subject=[{"digest": change(d.digest[7:])}]), self.key))

        self.refuse({
            "good": (named(lambda h: {"sha256": h}), ""),
            "a line end behind it": (named(lambda h: {"sha256": h + "\n"}), "SG004"),
            "with its algorithm": (named(lambda h: {"sha256": f"sha256:{h}"}), "SG004"),
            "the algorithm in capitals": (named(lambda h: {"SHA256": h}), "SG004"),
            "by another algorithm": (named(lambda h: {"sha512": h}), "SG004"),
            "in base64": (named(lambda h: {"sha256": b64(bytes.fromhex(h))}), "SG004"),
            "half of it": (named(lambda h: {"sha256": h[:32]}), "SG004"),
        })  # fmt: skip

    def test_trust_material_that_comes_along(self):
        """CVE-2023-47122: keys and roots that lie beside the image in its registry are nobody's."""
        document = small_image("brought along")
        name = self.put(document, "asked/brought")
        key = self.other_key.public.read_text()
        made = signed_bundle(self.other_key, document.digest)
        made["verificationMaterial"]["publicKey"]["hint"] = key  # type: ignore[index]
        annotations = {"dev.cosignproject.cosign/pub": key, "dev.sigstore.cosign/publicKey": key}
        root = referrer(document, b"{}", kind="application/vnd.dev.sigstore.trustedroot+json;version=0.1")
        self.attacher("asked/brought").referrers(document.digest, referrer(document, made, annotations=annotations), root)
        self.judge(name, SIGNATURE)


if __name__ == "__main__":
    unittest.main()
