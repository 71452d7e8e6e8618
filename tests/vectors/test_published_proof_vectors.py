"""Vectors that others have published, made again byte for byte.

Sources: golang.org/x/mod `sumdb/note` (PeterNeumann, EnochRoot); C2SP tlog-checkpoint (test log); reference roots of
Certificate Transparency (RFC 6962); C2SP tlog-tiles (tile addresses); transparency-dev/formats (key of kind 0x04, time
of a cosignature). The tag-head statement is our own (schemas/formats/tag-head.md).
"""

from base64 import b64decode

import pytest

from ledger.proofs import build, checkpoint, note, taghead
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.keys import COSIGNATURE, PrivateKey, VerifierKey
from ledger.proofs.note import Note
from ledger.proofs.text import base64
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import EMPTY_ROOT, Edge, leaf_hash

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)

LOG = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
LOG_PRIVATE = "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
ENTRIES = [
    b"one two three four five six seven eit nain ten ileven twelf threeten fourten fivten".split()[:size]
    for size in range(16)
]
SIZE_3 = """example.com/log/testdata
3
Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

— example.com/log/testdata M9e0lvAQRtH832pk2RTbeSeZMkp4FZSdJYFBUjO5SKxuRbywPUF3cx+HUrb50kjd3rUWW/fj53Wj1dwcwh9bGQnqVAg=
"""

REFERENCE_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

TAG_HEAD_LINE = (
    "— PeterNeumann x08goyxqjD8lR0Gr303x76PQTvV7nCsHt1Mmk6X6TaE627rpBV3HAecByiOkcJ7/2H09PuR0yecd1VFRWSZlTH22XwY=\n"
)


def root(entries: list[bytes]) -> bytes:
    return Edge.over(leaf_hash(entry) for entry in entries).root()


def test_the_note_of_peter_neumann_is_signed_again_to_the_byte() -> None:
    key = PrivateKey.parse(PETER_PRIVATE)
    assert key.vkey.text == PETER
    assert key.text == PETER_PRIVATE
    assert note.sign(TEXT, key) == f"{TEXT}\n{PETER_LINE}"


def test_the_note_of_two_signers_is_good_for_who_knows_both_or_either() -> None:
    both = Note.parse(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}")
    peter, enoch = VerifierKey.parse(PETER), VerifierKey.parse(ENOCH)
    assert [good.key for good in both.verify([enoch, peter])] == [peter, enoch]
    assert [good.key for good in both.verify([enoch])] == [enoch]
    assert both.full == f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}"


def test_the_checkpoint_of_the_test_log_is_made_again_to_the_byte() -> None:
    key = PrivateKey.parse(LOG_PRIVATE)
    assert (key.vkey.text, key.text) == (LOG, LOG_PRIVATE)
    head = Checkpoint("example.com/log/testdata", 3, root(ENTRIES[3]))
    assert checkpoint.sign(head, key) == SIZE_3
    signed = checkpoint.verify(SIZE_3.encode(), [VerifierKey.parse(LOG)])
    assert (signed.checkpoint, signed.cosigned) == (head, ())


def test_the_test_logs_root_at_fifteen_entries() -> None:
    assert base64(root(ENTRIES[15])) == "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="


@pytest.mark.parametrize("size", range(1, 9))
def test_the_reference_roots_come_out_of_edge_and_plan(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(value)) for value in REFERENCE_INPUTS[:size]]
    assert Edge.over(leaves).root().hex() == REFERENCE_ROOTS[size - 1]
    assert build.root(size).compute({(0, 0): b"".join(leaves)})[0].hex() == REFERENCE_ROOTS[size - 1]


def test_the_empty_logs_root() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_tag_head_statement_is_signed_again_to_the_byte() -> None:
    leaf = leaf_hash(b"two")
    assert base64(leaf) == "qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU="
    head = taghead.TagHead("example.com/log/testdata", 3, root(ENTRIES[3]), "lot:A01-1", 2, leaf)
    signed = taghead.sign(head, PrivateKey.parse(PETER_PRIVATE))
    assert signed == f"{head.text}\n{TAG_HEAD_LINE}"
    read, by = taghead.verify(signed, [VerifierKey.parse(PETER)])
    assert read == head
    assert [good.key.name for good in by] == ["PeterNeumann"]


def test_the_key_of_a_foreign_witness_has_the_id_that_it_states() -> None:
    text = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
    key = VerifierKey.parse(text)
    assert (key.kind, key.text) == (COSIGNATURE, text)


def test_the_time_of_a_foreign_cosignature_is_its_first_eight_bytes() -> None:
    encoded = "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA=="
    (line,) = note.parse_lines(f"— foreign {encoded}\n")
    assert line.id + line.body == b64decode(encoded)
    assert int.from_bytes(line.body[:8], "big") == 1727964367


def test_the_address_of_a_tile_is_written_in_groups_of_three_digits() -> None:
    assert TileRead(0, 1234067, 256).path == "tile/0/x001/x234/067"
    assert TileRead(1, 0, 3).path == "tile/1/000.p/3"
