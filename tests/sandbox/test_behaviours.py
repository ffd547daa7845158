"""The table of behaviours: chosen by a code's last digits, printed whole."""

import pytest

from kiosk.core.payment_code import payment_code
from kiosk.sandbox.behaviours import BEHAVIOURS, State, behaviour_of_code, codes_table, sample_code
from kiosk.sandbox.customers import DEFAULT

ENDINGS = [each.ending for each in BEHAVIOURS.values() if each.ending]


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_ending_chooses_its_own_row(ending):
    chosen = behaviour_of_code("13000000000001" + ending.replace("NN", "07"))
    assert (chosen.name, chosen.ending) == next((b.name, b.ending) for b in BEHAVIOURS.values() if b.ending == ending)


def test_the_two_digits_of_a_code_are_the_seconds_of_its_password():
    behaviour = behaviour_of_code("130000000000011042")
    assert [behaviour.state(s) for s in (0, 41.9, 42)] == [State.PAYING, State.PAYING, State.PAID]


def test_an_ending_outside_the_table_is_paid_at_once():
    assert behaviour_of_code("130000000000018888").name == "paid_at_once"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_sample_code_is_a_wechat_code_and_each_serial_gives_another(ending):
    digits = ending.replace("NN", "03")
    codes = {sample_code(digits, serial) for serial in (0, 1, 2, 999_999_999_999)}
    assert len(codes) == 4
    assert {payment_code(code).wallet for code in codes} == {"wechat"}


def test_the_printed_table_has_a_row_for_every_ending():
    assert [line.split()[0] for line in codes_table().splitlines()] == [f"...{ending}" for ending in ENDINGS]


def test_every_behaviour_without_an_ending_has_a_customer_to_try_it_with():
    assert {b.name for b in BEHAVIOURS.values() if not b.ending} <= {c.behaviour for c in DEFAULT.customers}
