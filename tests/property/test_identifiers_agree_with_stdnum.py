"""Whatever the number, our checks and those of python-stdnum say the same, where it looks at the same thing."""

from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric as foreign_ric
from stdnum.cn import uscc as foreign_uscc
from stdnum.iso7064 import mod_11_2 as foreign_mod_11_2
from stdnum.iso7064 import mod_37_2 as foreign_mod_37_2

from ledger.identifiers import citizen, iso7064, uscc

BODY = st.builds(
    lambda first, digits, organisation: f"{first}1{digits}{organisation}",
    st.sampled_from("159"),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(uscc.ALPHABET, min_size=8, max_size=8),
)


@given(BODY)
def test_the_check_character_of_a_credit_code_is_the_other_librarys(body: str) -> None:
    whole = body + uscc.organisation_check(body[8:])
    check = uscc.check_character(whole)
    assert check == foreign_uscc.calc_check_digit(whole)
    assert uscc.faults(whole + check) == ()


@given(BODY, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_one_changed_character_of_a_credit_code_is_seen(body: str, at: int, other: str) -> None:
    whole = body + uscc.organisation_check(body[8:])
    code = whole + uscc.check_character(whole)
    changed = code[:at] + other + code[at + 1 :]
    assert (uscc.faults(changed) == ()) == (changed == code)


@given(st.text(uscc.ALPHABET, min_size=18, max_size=18))
def test_a_credit_code_we_find_sound_is_sound_to_the_other_library(code: str) -> None:
    if uscc.faults(code) == () and code[0] not in "NY" and code[1].isdigit():
        assert foreign_uscc.is_valid(code)


@given(st.text("0123456789", min_size=17, max_size=17))
def test_the_check_digit_of_a_citizen_number_is_the_other_librarys(body: str) -> None:
    check = iso7064.check_character(body, iso7064.DIGITS_AND_X)
    assert check == foreign_ric.calc_check_digit(body + "0")
    assert check == foreign_mod_11_2.calc_check_digit(body)
    assert "check-digit" not in [fault.code for fault in citizen.faults(body + check)]


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=60))
def test_mod_37_2_is_the_other_librarys_at_any_length(body: str) -> None:
    assert iso7064.check_character(body, iso7064.ALPHANUMERIC_AND_STAR) == foreign_mod_37_2.calc_check_digit(body)
