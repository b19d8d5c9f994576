import ctypes
import tarfile
import tempfile
import unittest
from pathlib import Path

from rig import content, elf, standin
from rig.builders import unpack
from rig.packages import REMOVED, ApkPackage, DpkgPackage, apk_database, dpkg_database, dpkg_status_d
from rig.paths import ROOT
from rig.process import run
from rig.standin import Dispatch, Marker
from rig.tree import Entry, file, tar


def entry(entries: list[Entry], path: str) -> Entry:
    return next(found for found in entries if found.path == path)


class DpkgTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def query(self, entries: list[Entry], *arguments: str) -> str:
        unpack(entries, self.folder)
        return run(["dpkg-query", "--admindir", self.folder / "var/lib/dpkg", *arguments]).decode()

    def test_dpkg_reads_made_up_packages(self):
        library = "usr/lib/x86_64-linux-gnu/liblzma.so.5.6.1"
        packages = [
            DpkgPackage("liblzma5", "5.6.1-1", source="xz-utils", files=(library,)),
            DpkgPackage("xz-utils", "5.6.1+really5.4.5-1ubuntu0.2", status=REMOVED),
        ]
        entries = dpkg_database(packages)
        listed = self.query(entries, "-W", "-f", "${Package} ${Version} ${Architecture} ${source:Package} ${Status}\n")
        self.assertEqual(
            listed.splitlines(),
            [
                "liblzma5 5.6.1-1 amd64 xz-utils install ok installed",
                "xz-utils 5.6.1+really5.4.5-1ubuntu0.2 amd64 xz-utils deinstall ok config-files",
            ],
        )
        self.assertIn("/" + library, self.query(entries, "-L", "liblzma5").splitlines())

    def test_dpkg_reads_a_root_of_real_packages(self):
        entries = content.debian_root()
        version = run(["dpkg-deb", "-f", content.debian_package("liblzma5"), "Version"]).decode().strip()
        self.assertEqual(self.query(entries, "-W", "-f", "${Version}", "liblzma5"), version)
        owner = self.query(entries, "-S", "*/liblzma.so.5*")
        self.assertIn("liblzma5:", owner)
        # Nothing of the package is missing or changed, as dpkg sees it.
        self.assertEqual(run(["dpkg", "--root", self.folder, "--verify", "liblzma5", "xz-utils"]), b"")

    def test_a_real_root_is_one_consistent_tree(self):
        entries = content.debian_root()
        paths = [found.path for found in entries]
        self.assertEqual(len(paths), len(set(paths)))
        self.assertFalse([path for path in paths if path.startswith("lib/")])
        self.assertEqual(entry(entries, "lib").type, tarfile.SYMTYPE)
        self.assertEqual(tar(entries), tar(content.debian_root()))

    def test_a_made_up_package_takes_the_place_of_the_real_one(self):
        library = file("usr/lib/x86_64-linux-gnu/liblzma.so.5.6.1", standin.liblzma())
        package = DpkgPackage("liblzma5", "5.6.1-1", files=(library.path,))
        entries = content.debian_root(instead=[package], files=[library])
        self.assertEqual([e.path for e in entries if "liblzma.so" in e.path], [library.path])
        self.assertEqual(self.query(entries, "-W", "-f", "${Version}", "liblzma5"), "5.6.1-1")
        self.assertIn("liblzma5:", self.query(entries, "-S", library.path))

    def test_status_d_has_no_status_field(self):
        stanza = entry(dpkg_status_d([DpkgPackage("liblzma5", "5.6.1-1")]), "var/lib/dpkg/status.d/liblzma5").data
        self.assertIn(b"Version: 5.6.1-1", stanza)
        self.assertNotIn(b"Status:", stanza)


class ApkTest(unittest.TestCase):
    def test_the_database_names_every_file_with_its_checksum(self):
        files = {"usr/lib/liblzma.so.5.6.1": b"abc", "etc/xz": b"", "usr/lib/a": b""}
        text = ApkPackage("xz-libs", "5.6.1-r3", origin="xz", files=files).stanza()
        self.assertIn("P:xz-libs\nV:5.6.1-r3\nA:x86_64\n", text)
        self.assertIn("F:etc\nR:xz\n", text)
        self.assertIn("F:usr/lib\nR:a\n", text)
        # base64 of SHA-1("abc")
        self.assertIn("R:liblzma.so.5.6.1\na:0:0:755\nZ:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\n", text)
        self.assertIn("lib/apk/db/installed", [found.path for found in apk_database([])])


class StandinTest(unittest.TestCase):
    def setUp(self):
        self.path = Path(self.enterContext(tempfile.TemporaryDirectory()), "object")

    def readelf(self, data: bytes, *switches: str) -> str:
        self.path.write_bytes(data)
        done = run(["readelf", "-W", *switches, self.path])
        return done.decode()

    def segment_of_marker(self, data: bytes) -> str:
        at = data.index(standin.prologue())
        for line in self.readelf(data, "-l").splitlines():
            words = line.split()
            if words[:1] == ["LOAD"] and int(words[1], 16) <= at < int(words[1], 16) + int(words[4], 16):
                return "".join(words[6:-1])
        return ""

    def test_the_marker_is_where_it_should_be(self):
        self.assertEqual(len(standin.prologue()), 34)
        self.assertEqual(self.segment_of_marker(standin.liblzma(marker=Marker.BAD)), "RE")
        self.assertEqual(self.segment_of_marker(standin.liblzma(marker=Marker.DATA_ONLY)), "R")
        self.assertNotIn(standin.prologue(), standin.liblzma(marker=Marker.CLEAN))
        self.assertEqual(self.segment_of_marker(standin.program(marker=Marker.BAD)), "RE")

    def test_the_library_loads_and_tells_its_version(self):
        for version, number in {"5.6.1": 50060012, "5.6.0": 50060002, "5.4.5": 50040052}.items():
            for dispatch in Dispatch:
                with self.subTest(version=version, dispatch=dispatch):
                    self.path.write_bytes(standin.liblzma(version, dispatch=dispatch))
                    script = (
                        "import ctypes, sys; l = ctypes.CDLL(sys.argv[1]); s = l.lzma_version_string\n"
                        "s.restype = ctypes.c_char_p; print(l.lzma_version_number(), s().decode(), l.lzma_crc64())"
                    )
                    said = run(["python3", "-c", script, self.path]).decode()
                    self.assertEqual(said.strip(), f"{number} {version} 0")
                    self.path.unlink()

    def test_symbol_types_follow_the_dispatch(self):
        for dispatch, kind in {Dispatch.PLAIN: "FUNC", Dispatch.IFUNC: "IFUNC"}.items():
            lines = self.readelf(standin.liblzma(dispatch=dispatch), "--dyn-syms").splitlines()
            self.assertEqual([line.split()[3] for line in lines if line.endswith(" lzma_crc64")], [kind])

    def test_the_tool_has_its_banner_and_runs(self):
        self.assertIn(b"\0xz (XZ Utils) 5.6.1\0", standin.program())
        self.path.write_bytes(standin.program())
        self.path.chmod(0o755)
        run([self.path])

    def test_other_machines(self):
        data = standin.liblzma_other_machine("5.6.0")
        self.assertIn("AArch64", self.readelf(data, "-h"))
        symbols = self.readelf(data, "--use-dynamic", "--syms")
        self.assertRegex(symbols, r"FUNC\s+GLOBAL\s+DEFAULT\s+1 lzma_version_number")
        self.assertIn("[liblzma.so.5]", self.readelf(data, "-d"))
        # movz w0, #0xdae2; movk w0, #0x2fb, lsl #16; ret
        self.assertIn(bytes.fromhex("405c9b52 605fa072 c0035fd6"), data)

    def test_a_written_object_for_this_machine_loads(self):
        self.path.write_bytes(standin.liblzma_other_machine("5.6.1", elf.Machine.X86_64))
        self.assertEqual(ctypes.CDLL(str(self.path)).lzma_version_number(), 50060012)

    def test_no_file_of_ours_holds_the_bytes(self):
        for path in (ROOT / "tests" / "support" / "rig").rglob("*"):
            if path.is_file():
                self.assertNotIn(standin.prologue(), path.read_bytes(), path)
