"""Request bodies that are no review, and requests that no API server would send."""

import unittest

from gate_case import GateCase
from rig.review import pod, review


def changed(path: str, value: object) -> dict:
    """A good review in which the field at this dotted path has this value; KeyError-free, so that it may be new."""
    document = review(pod(images=["localhost:1/a:1"]), uid="uid-1")
    at = document
    *parents, last = path.split(".")
    for key in parents:
        at = at[key]  # type: ignore[assignment]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return document


class MalformedTest(GateCase):
    """A body that is no review: a decision where a uid can be read, else a clean 4xx; never a crash."""

    WITH_UID = {
        "no object": changed("request.object", ...),
        "object is null": changed("request.object", None),
        "object is a list": changed("request.object", []),
        "object is a string": changed("request.object", "pod"),
        "spec is a list": changed("request.object.spec", []),
        "containers is an object": changed("request.object.spec.containers", {}),
        "a container is a string": changed("request.object.spec.containers", ["x"]),
        "a container is null": changed("request.object.spec.containers", [None]),
        "an image is a number": changed("request.object.spec.containers", [{"name": "a", "image": 1}]),
        "no operation": changed("request.operation", ...),
        "another operation": changed("request.operation", "PATCH"),
        "operation is a number": changed("request.operation", 3),
        "no resource": changed("request.resource", ...),
        "another version of the review": changed("apiVersion", "admission.k8s.io/v2"),
        "v1beta1": changed("apiVersion", "admission.k8s.io/v1beta1"),
        "another kind": changed("kind", "Pod"),
        "dryRun is a string": changed("request.dryRun", "yes"),
    }
    WITHOUT_UID = {
        "empty": b"",
        "no JSON": b"hello",
        "cut": b'{"kind": "AdmissionReview", "request": {',
        "a list": b"[]",
        "null": b"null",
        "a number": b"1",
        "no request": b'{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}',
        "no uid": changed("request.uid", ...),
        "uid is a number": changed("request.uid", 7),
        "uid is empty": changed("request.uid", ""),
        "bad UTF-8": b'{"kind": "\xff\xfe"}',
        "lone surrogate": b'{"kind": "\\ud800"}',
        "deep": b'{"a":' * 100_000,
        "a huge number": b'{"a": 1e99999}',
    }

    def test_with_a_uid_it_is_a_denial(self):
        for name, document in self.WITH_UID.items():
            with self.subTest(name):
                answer = self.client.send(document)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(answer.review["kind"], "AdmissionReview")
                self.assertEqual(answer.review["apiVersion"], "admission.k8s.io/v1")
                self.assertEqual(answer.response["uid"], "uid-1")
                self.assertFalse(answer.allowed)
                self.assertIn("SY004", answer.message)
                self.assert_no_exception(answer.body)

    def test_duplicate_keys_are_refused(self):
        head = b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"uid-1",'
        # Of two uids the last, which is the one that most readers take.
        twice = {"uid": (b'"uid":"uid-2"}}', "uid-2"), "object": (b'"object":{},"object":{}}}', "uid-1")}
        for key, (rest, uid) in twice.items():
            with self.subTest(key):
                answer = self.client.send(head + rest)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(answer.response["uid"], uid)
                self.assertFalse(answer.allowed)
                self.assertIn("SY004", answer.message)

    def test_without_a_uid_it_is_a_clean_refusal(self):
        for name, body in self.WITHOUT_UID.items():
            with self.subTest(name):
                answer = self.client.send(body)
                self.assertEqual(answer.status, 400, answer.body)
                self.assert_no_exception(answer.body)

    def test_what_is_no_request_of_the_api_server(self):
        good = review(pod(images=[self.clean]))
        self.assertEqual(self.client.send(good, headers={"Content-Type": "text/plain"}).status, 415)
        self.assertEqual(self.client.send(b"{}", method="GET").status, 405)
        self.assertEqual(self.client.send(b" " * (7 * 1024 * 1024 + 1)).status, 413)
        self.client.close()
        self.assertEqual(self.client.send(good).status, 200)

    def test_a_body_of_seven_mebibytes_is_read(self):
        padding = {"annotations": {f"a{n}": "x" * 100_000 for n in range(70)}}
        answer = self.ask(pod(images=[self.clean], metadata=padding))
        self.assertTrue(answer.allowed)

    def test_a_charset_is_fine(self):
        answer = self.client.send(review(pod(images=[self.clean])), headers={"Content-Type": "application/json; charset=utf-8"})
        self.assertTrue(answer.allowed)

    def test_other_kinds_and_operations_pass(self):
        for options in ({"operation": "CONNECT"}, {"operation": "DELETE", "old": pod(images=[self.bad])}):
            self.assertTrue(self.ask(pod(images=[self.bad]), **options).allowed)

    def assert_no_exception(self, body: bytes) -> None:
        for word in (b"what()", b"std::", b"nlohmann", b"json.exception", b"terminate"):
            self.assertNotIn(word, body)


if __name__ == "__main__":
    unittest.main()
