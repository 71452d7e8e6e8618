"""Checkpoints, cosignatures, and the policy that says who is enough."""

import pytest

from ledger.proofs import checkpoint
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import BadSignature, QuorumMissed, Unreadable, Unsigned
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.note import Note, signature
from ledger.proofs.policy import Group, Policy
from ledger.proofs.text import base64

ORIGIN = "log.example/city"
LOG = PrivateKey.of(bytes([1] * 32), ORIGIN)
NEXT = PrivateKey.of(bytes([2] * 32), ORIGIN)
FOREIGN = PrivateKey.of(bytes([3] * 32), "other.example/log")
WITNESSES = {
    name: PrivateKey.of(bytes([10 + number] * 32), f"witness.example/{name}", COSIGNATURE)
    for number, name in enumerate(["audit", "discipline", "finance", "province", "press"])
}
HEAD = Checkpoint(ORIGIN, 42, bytes(range(32)))
SIGNED = checkpoint.sign(HEAD, LOG)
AT = 1_771_000_000


def cosigned(*names: str, at: int = AT) -> str:
    return SIGNED + "".join(checkpoint.cosign(HEAD, WITNESSES[name], at).line for name in names)


def policy(*rest: str) -> Policy:
    witnesses = [f"witness {name} {key.vkey.text}" for name, key in WITNESSES.items()]
    return Policy.parse("\n".join([f"log {LOG.vkey.text}", *witnesses, *rest]) + "\n")


def test_a_checkpoint_is_read_back() -> None:
    signed = checkpoint.verify(SIGNED.encode(), [LOG.vkey])
    assert signed.checkpoint == HEAD
    assert [good.key for good in signed.log] == [LOG.vkey]
    assert Checkpoint.parse(HEAD.text) == HEAD


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n42\n",
        f"{ORIGIN}\n42\n{base64(bytes(32))}",
        f"{ORIGIN}\n42\n{base64(bytes(32))}\nan extension\n",
        f"{ORIGIN}\n42\n{base64(bytes(32))}\n\n",
        f"\n42\n{base64(bytes(32))}\n",
        f"{ORIGIN}\n042\n{base64(bytes(32))}\n",
        f"{ORIGIN}\n-1\n{base64(bytes(32))}\n",
        f"{ORIGIN}\n+1\n{base64(bytes(32))}\n",
        f"{ORIGIN}\n1_0\n{base64(bytes(32))}\n",
        f"{ORIGIN}\n٤٢\n{base64(bytes(32))}\n",
        f"{ORIGIN}\n9223372036854775808\n{base64(bytes(32))}\n",
        f"{ORIGIN}\n42\n{base64(bytes(31))}\n",
        f"{ORIGIN}\n42\n{base64(bytes(32))[:-1]}\n",
    ],
)
def test_another_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(Unreadable):
        Checkpoint.parse(text)


def test_a_checkpoint_that_the_program_makes_has_its_three_parts() -> None:
    for origin, size, root in [("", 1, bytes(32)), ("a\nb", 1, bytes(32)), ("a", -1, bytes(32)), ("a", 1, b"")]:
        with pytest.raises(ValueError, match="a checkpoint has"):
            Checkpoint(origin, size, root)


def test_only_a_key_named_like_the_origin_counts() -> None:
    """Another log that is trusted for its own entries says nothing about ours."""
    stolen = Note(HEAD.text, (signature(HEAD.text, FOREIGN),)).full
    with pytest.raises(Unsigned):
        checkpoint.verify(stolen, [LOG.vkey, FOREIGN.vkey])
    with pytest.raises(ValueError, match="is not signed by"):
        checkpoint.sign(HEAD, FOREIGN)


def test_a_witness_alone_does_not_make_a_checkpoint() -> None:
    alone = Note(HEAD.text, (checkpoint.cosign(HEAD, WITNESSES["audit"], AT),)).full
    with pytest.raises(Unsigned, match=ORIGIN):
        checkpoint.verify(alone, [LOG.vkey], [WITNESSES["audit"].vkey])


def test_while_a_key_is_changed_both_sign_and_either_is_enough() -> None:
    both = checkpoint.sign(HEAD, LOG, NEXT)
    for known in ([LOG.vkey], [NEXT.vkey], [LOG.vkey, NEXT.vkey]):
        assert [good.key for good in checkpoint.verify(both, known).log] == known


def test_cosignatures_carry_their_times() -> None:
    known = [WITNESSES["audit"].vkey, WITNESSES["press"].vkey]
    signed = checkpoint.verify(cosigned("audit", "finance", "press"), [LOG.vkey], known)
    assert [(good.key, good.at) for good in signed.cosigned] == [(known[0], AT), (known[1], AT)]


def test_a_wrong_cosignature_by_a_known_witness_refuses_the_checkpoint() -> None:
    other = Checkpoint(ORIGIN, 43, HEAD.root)
    lying = SIGNED + checkpoint.cosign(other, WITNESSES["audit"], AT).line
    with pytest.raises(BadSignature):
        checkpoint.verify(lying, [LOG.vkey], [WITNESSES["audit"].vkey])
    assert checkpoint.verify(lying, [LOG.vkey]).cosigned == ()


def test_keys_of_the_wrong_kind_are_our_own_mistake() -> None:
    as_witness = PrivateKey.of(LOG.seed, ORIGIN, COSIGNATURE)
    with pytest.raises(ValueError, match="is not signed by"):
        checkpoint.sign(HEAD, as_witness)
    with pytest.raises(ValueError, match="no witness"):
        checkpoint.cosign(HEAD, LOG, AT)
    with pytest.raises(ValueError, match="0x04"):
        checkpoint.verify(SIGNED, [LOG.vkey], [FOREIGN.vkey])
    with pytest.raises(ValueError, match="0x01"):
        checkpoint.verify(SIGNED, [as_witness.vkey])


@pytest.mark.parametrize(
    ("lines", "enough", "too_few"),
    [
        (["quorum none"], [[]], []),
        (["quorum audit"], [["audit"], ["audit", "press"]], [[], ["press"]]),
        (["group g any audit press", "quorum g"], [["press"], ["audit"]], [[], ["finance"]]),
        (["group g all audit press", "quorum g"], [["press", "audit"]], [["audit"], ["press"], ["finance"]]),
        (
            ["group g 2 audit press finance", "quorum g"],
            [["audit", "press"], ["finance", "press"]],
            [["audit"], ["audit", "province"]],
        ),
        (
            ["group inner 2 audit discipline finance", "group outer all inner press", "quorum outer"],
            [["audit", "finance", "press"]],
            [["audit", "press"], ["audit", "finance"], ["press"]],
        ),
        (
            ["group a any audit discipline", "group b any finance province", "group c 2 a b press", "quorum c"],
            [["audit", "finance"], ["discipline", "press"]],
            [["audit", "discipline"], ["finance", "province"]],
        ),
    ],
)
def test_a_quorum_counts_as_its_groups_say(lines: list[str], enough: list[list[str]], too_few: list[list[str]]) -> None:
    read = policy(*lines)
    for names in enough:
        assert read.met(names)
        assert read.verify(cosigned(*names)).checkpoint == HEAD
    for names in too_few:
        assert not read.met(names)
        with pytest.raises(QuorumMissed):
            read.verify(cosigned(*names))
    assert Policy.parse(read.text) == read


def test_a_witness_that_signs_twice_counts_once() -> None:
    read = policy("group g 2 audit press finance", "quorum g")
    with pytest.raises(QuorumMissed, match=r"g; audit"):
        read.verify(cosigned("audit", "audit"))


def test_only_cosignatures_from_a_moment_on_count_where_one_is_given() -> None:
    read = policy("group g 2 audit press", "quorum g")
    mixed = cosigned("audit") + checkpoint.cosign(HEAD, WITNESSES["press"], AT + 60).line
    assert read.verify(mixed, not_before=AT).checkpoint == HEAD
    with pytest.raises(QuorumMissed, match="press"):
        read.verify(mixed, not_before=AT + 1)


def test_a_policy_without_a_log_trusts_no_checkpoint() -> None:
    with pytest.raises(Unsigned):
        Policy.parse("quorum none\n").verify(SIGNED)


def test_a_policy_file_is_read_with_tabs_comments_addresses_and_foreign_letters() -> None:
    lines = [
        "# 谁说了算 · \ud83d",
        "",
        f"\t log\t{LOG.vkey.text}  https://log.example ",
        f"witness 审计局 {WITNESSES['audit'].vkey.text} https://审计.example/w",
        "  # more",
        "group 全部 1 审计局",
        "quorum 全部",
    ]
    read = Policy.parse("\n".join(lines).encode("utf-8", "surrogatepass"))
    assert (read.logs[0].url, read.witnesses[0].url) == ("https://log.example", "https://审计.example/w")
    assert read.groups == (Group("全部", 1, ("审计局",)),)
    assert read.quorum == "全部"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["quorum g"], "g is not defined"),
        (["group g any press", "quorum g", "quorum g"], "second quorum"),
        ([], "no quorum"),
        (["group g all audit audit", "quorum g"], "member already"),
        (["group g any audit", "group h any audit", "quorum g"], "member already"),
        (["group g any h", "group h any audit", "quorum g"], "h is not defined"),
        (["group g any g", "quorum g"], "g is not defined"),
        (["group g any none", "quorum g"], "none is not defined"),
        (["group audit any press", "quorum none"], "audit is defined already"),
        (["group none any press", "quorum none"], "none is defined already"),
        (["group g 0 press", "quorum g"], "number up to 1"),
        (["group g 2 press", "quorum g"], "number up to 1"),
        (["group g 01 press", "quorum g"], "number up to 1"),
        (["group g ١ press", "quorum g"], "number up to 1"),
        (["group g some press", "quorum g"], "number up to 1"),
        (["group g any", "quorum none"], "no line of"),
        (["quorum none extra"], "no line of"),
        (["log", "quorum none"], "no line of"),
        (["Quorum none"], "no line of"),
        ([f"log {LOG.vkey.text}", "quorum none"], "the same key"),
        ([f"log {FOREIGN.vkey.text} a b", "quorum none"], "no line of"),
        ([f"log {WITNESSES['audit'].vkey.text}", "quorum none"], "kind 0x01"),
        ([f"witness new {FOREIGN.vkey.text}", "quorum none"], "kind 0x04"),
        ([f"witness audit {PrivateKey.of(bytes(32), 'w', COSIGNATURE).vkey.text}", "quorum none"], "defined already"),
        ([f"witness none {PrivateKey.of(bytes(32), 'w', COSIGNATURE).vkey.text}", "quorum none"], "defined already"),
        (
            [f"witness new {PrivateKey.of(WITNESSES['audit'].seed, 'w', COSIGNATURE).vkey.text}", "quorum none"],
            "the same key",
        ),
        (["log nonsense", "quorum none"], "vkey"),
        (["log l\udcff+00000000+AAAA", "quorum none"], "UTF-8"),
    ],
)
def test_a_policy_that_is_wrong_is_refused_and_the_line_is_named(lines: list[str], said: str) -> None:
    with pytest.raises(Unreadable, match=said) as refused:
        policy(*lines)
    assert "line " in str(refused.value) or "no quorum" in said


@pytest.mark.parametrize("control", ["\r", "\x00", "\x0b", "\x1f", "\x7f"])
def test_a_policy_with_a_control_character_is_refused(control: str) -> None:
    with pytest.raises(Unreadable, match="control"):
        Policy.parse(f"quorum{control} none\n")
    with pytest.raises(Unreadable, match="100000 bytes"):
        Policy.parse("#" * 100_001)
