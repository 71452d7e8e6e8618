"""A ledger from the command line: founded once, appended to, shown, damaged, and found broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from tests.stories.commands.conftest import Home

    Make = Callable[..., dict[str, Any]]


def lines(*events: object) -> bytes:
    return b"\n".join(orjson.dumps(one) for one in events)


def test_the_first_key_is_shown_once_and_kept_only_as_a_hash(held: Home) -> None:
    again = held.run("init", "--json")
    assert (again.code, again.value["new"], again.value["key"]) == (0, False, None)
    assert "slk_" not in held.run("init").out
    kept = held.run("sql", "--json", "SELECT * FROM access.key").out
    assert held.key not in kept


def test_files_are_appended_and_repeats_are_known(held: Home, event: Make, tmp_path: Any) -> None:
    one, array = tmp_path / "one.json", tmp_path / "array.json"
    one.write_bytes(orjson.dumps(event("one"), option=orjson.OPT_INDENT_2))
    array.write_bytes(orjson.dumps([event("a"), event("b")]))
    first = held.run("append", one)
    assert (first.code, first.value["duplicate"]) == (0, False)
    assert held.run("append", one).value == first.value | {"duplicate": True}
    both = [orjson.loads(line) for line in held.run("append", array).out.splitlines()]
    assert both[1]["position"] > both[0]["position"] > first.value["position"]


def test_of_lines_each_is_answered_in_its_order_and_a_refusal_is_recorded(held: Home, event: Make) -> None:
    said = held.run("append", "-", stdin=lines(event("l1"), event("l2", colour="red"), event("l3")) + b"\n\n")
    assert said.code == 1
    answers = [orjson.loads(line) for line in said.out.splitlines()]
    assert ["status" in one for one in answers] == [False, True, False]
    assert answers[1]["problems"][0]["pointer"] == "/colour"
    sql = "SELECT convert_from(entry, 'UTF8')::json -> 'event' -> 'data' ->> 'object' FROM ledger.entry"
    refused = held.run("sql", "--json", f"{sql} WHERE type = 'ledger.access-logged.v1'").value["rows"]
    assert refused == [["urn:example:ptc#l2"]]


def test_a_key_decides_who_appends(held: Home, event: Make) -> None:
    said = held.run("append", "--key", held.key, "-", stdin=lines(event("keyed")))
    shown = held.run("show", "--json", said.value["position"]).value
    assert shown["entry"]["poster"]["via"].startswith("key:")


def test_a_dossier_is_shown_as_it_was_known(held: Home, event: Make) -> None:
    first = held.run("append", "-", stdin=lines(event("d1", subject="lot:D"))).value["position"]
    second = held.run("append", "-", stdin=lines(event("d2", subject="lot:D"))).value["position"]
    assert {first, second} <= set(held.run("show", "--json", "lot:D").value["entries"])
    assert held.run("show", "--json", "lot:D", "--known", first).value["entries"] == [first]
    assert str(first) in held.run("show", "lot:D").out


def test_views_are_filled_and_the_state_is_told(held: Home) -> None:
    reached = held.run("project", "--json").value["position"]
    status = held.run("status", "--json")
    assert (status.code, status.value["lag"], status.value["size"]) == (0, 0, reached)
    assert held.run("status").out.count("urn:example:ptc") == 1
    assert held.run("rebuild", "--json").value == {"position": reached}
    assert held.run("alerts", "--json").value["total"] == 0


def test_what_a_stranger_wrote_is_printed_and_never_obeyed(held: Home) -> None:
    said = held.run("sql", "SELECT '[bold]x[/nothing]', chr(27) || '[31mred'")
    assert said.code == 0
    assert "[bold]x[/nothing]" in said.out
    assert "\x1b" not in said.out


def test_one_changed_byte_is_found_and_named(held: Home) -> None:
    assert held.run("verify").code == 0
    change = "UPDATE ledger.entry SET entry = set_byte(entry, 30, get_byte(entry, 30) # 1) WHERE position = 3"
    assert held.run("sql", change).out.strip() == "UPDATE 1"
    said = held.run("verify", "--json")
    assert (said.code, said.value["verdict"]) == (1, "broken")
    first = said.value["problems"][0]
    assert (first["table"], first["column"], first["position"]) == ("entry", "entry", 3)
    human = held.run("verify")
    assert human.code == 1
    assert "ledger.entry.entry" in human.out
    assert held.run("sql", change).code == 0
    assert held.run("verify").code == 0
