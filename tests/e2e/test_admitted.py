"""Pods of good images are created; those of new images wait for the scan; a dry run leaves no trace."""

import contextlib
import sqlite3
import unittest
from collections.abc import Mapping

from cluster import PATIENCE, TIMEOUT_SECONDS, Cluster, ClusterCase
from pictures import large
from rig.faults import drip

# Read in about 8 s: longer than xzgate waits, and not so long that the client of the registry gives up.
SLOW_BYTES, SLOW_SPEED = 48_000, 6_000


def setUpModule():
    ClusterCase.cluster = unittest.enterModuleContext(Cluster())


class KnownImageTest(ClusterCase):
    def test_clean_and_fixed_images(self):
        for repository, reason in (
            ("shop/web", "clean"),
            ("base/ubuntu", "fixed_by_distro"),
            ("base/alpine", "fixed_by_distro"),
        ):
            with self.subTest(repository):
                before, name = self.fresh_metrics(), repository.replace("/", "-")
                self.assert_created(self.create(name, images=[self.cluster.reference(repository)]), name)
                self.assert_counted(before, operation="CREATE", decision="allow", mode="enforce", reason=reason)
                self.assertEqual(self.annotations(name)["decision"], "allow")

    def test_good_images_at_every_place(self):
        web, cache, tools = (self.cluster.reference(f"shop/{name}") for name in ("web", "cache", "tools"))
        done = self.create("full", images=[web, cache], init=[tools], sidecars=[cache], volumes=[tools])
        self.assert_created(done, "full")

    def test_an_artifact_may_be_an_image_volume_and_is_counted(self):
        before = self.fresh_metrics()
        self.assert_created(self.create("model", volumes=[self.cluster.reference("models/small")]), "model")
        self.assert_counted(before, operation="CREATE", decision="allow", reason="not_an_image")
        self.assertEqual(self.annotations("model")["reason"], "XZ013 not_an_image")


class NewImageTest(ClusterCase):
    def setUp(self):
        self.before = self.fresh_metrics()

    def waited(self) -> tuple[float, float]:
        """How many requests of this test waited for a scan, and for how many seconds."""
        after, name = self.fresh_metrics(), "xzgate_admission_request_duration_seconds"
        count, seconds = (
            after.total(f"{name}_{what}", cache="waited") - self.before.total(f"{name}_{what}", cache="waited")
            for what in ("count", "sum")
        )
        return count, seconds

    def test_a_clean_one_is_waited_for_and_created(self):
        self.assert_created(self.create("late", images=[self.cluster.reference("late/clean")]), "late")
        self.assertEqual(self.waited()[0], 1)

    def test_a_bad_one_is_waited_for_and_refused(self):
        message = self.assert_denied(self.create("late-bad", images=[self.cluster.reference("late/bad")]))
        self.assertIn("[XZ001 affected]", message)
        self.assertIn("layer 2 of 3", message)

    def test_a_bad_debug_container_of_a_new_image(self):
        self.create("late-patient")
        done = self.kubectl("debug", "-n", "shop", "late-patient", f"--image={self.cluster.reference('late/debug')}",
                            "--container=look", "--profile=general", "--attach=false")  # fmt: skip
        self.assertIn('(ephemeral container "look") denied [XZ001 affected]', self.assert_denied(done))

    def test_one_that_takes_too_long_is_refused_in_time_and_created_later(self):
        faulty = self.cluster.faulty
        image = faulty.add(large("slow", SLOW_BYTES), "late/slow")
        faulty.on("/v2/late/slow/blobs/.*", drip(SLOW_SPEED))
        message = self.assert_denied(self.create("slow", images=[image]))
        count, seconds = self.waited()
        self.assertEqual(count, 1)
        self.assertLess(seconds, 0.8 * TIMEOUT_SECONDS)
        self.assertIn(f'image "{image}" (container "main-0") denied [XZ010 pending]', message)
        self.assertIn("not scanned yet (being scanned); retry in a moment", message)
        # The developer does as told.
        self.gate.wait_until(lambda: self.create("slow", images=[image]).returncode == 0, "admission", PATIENCE)
        self.assertEqual(faulty.count("GET", "/v2/late/slow/blobs/.*"), 2, "config and layer, each once")


class DryRunTest(ClusterCase):
    def rows(self, table: str, like: str) -> int:
        """How many rows of xzgate's store name this in any column."""
        store = self.gate.config["store"]
        assert isinstance(store, Mapping)
        with contextlib.closing(sqlite3.connect(f"file:{store['path']}?mode=ro", uri=True)) as database:
            rows = database.execute(f"SELECT * FROM {table}").fetchall()
        return sum(any(like in str(value) for value in row) for row in rows)

    def test_it_is_judged(self):
        self.assertIn("[XZ001 affected]", self.assert_denied(
            self.create("dry-bad", images=[self.cluster.reference("shop/api")], dry_run=True)))  # fmt: skip
        done = self.create("dry-good", dry_run=True)
        self.assertEqual((done.returncode, done.stdout), (0, "pod/dry-good created (server dry run)\n"), done.stderr)
        self.assertFalse(self.exists("dry-good"))

    def test_it_leaves_no_trace(self):
        fresh = self.cluster.reference("dry/clean")
        self.create("dry-known", dry_run=True)
        message = self.assert_denied(self.create("dry-new", images=[fresh], dry_run=True))
        self.assertIn("[XZ010 pending]", message)
        self.assertIn("a dry run starts no scan", message)
        # Sightings are written in the order of the requests: the dry ones' would stand before this one.
        self.assert_created(self.create("wet"), "wet")
        self.gate.wait_until(lambda: self.rows("sightings", "pods/shop/wet") == 1, "sighting of the pod", PATIENCE)
        for table in ("sightings", "jobs", "tags", "reports"):
            with self.subTest(table):
                self.assertEqual(self.rows(table, "dry-"), 0)
                self.assertEqual(self.rows(table, "dry/clean"), 0)
                self.assertEqual(self.rows(table, self.cluster.digest("dry/clean")), 0)
        self.assertEqual(self.cluster.registry.count("GET", "/v2/dry/clean/.*"), 0)
        # In earnest it is scanned and created.
        self.assert_created(self.create("dry-no-more", images=[fresh]), "dry-no-more")


if __name__ == "__main__":
    unittest.main()
