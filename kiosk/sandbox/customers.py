"""The sandbox's customers: the table it starts with, or a file in its place.

Rules
1. ``DEFAULT`` is a table: number, name, bills (cost id, period, principal, late fee in yuan), behaviour.
2. A file (``--data``; TOML or JSON, by its name's ending) is checked whole before anything listens; what is wrong in it
   is told with its place. Amounts in it are yuan as text, with two decimals.
3. Any number that is not in the table is an unknown customer (1003).
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.core.money import show_yuan
from kiosk.sandbox.behaviours import BEHAVIOURS

MAX_FILE_BYTES = 4 << 20
_AMOUNT = re.compile(r"(\d{1,17})\.(\d{2})", re.ASCII)


class DataError(ValueError):
    """The data file cannot be used; the message is a sentence with the place."""


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill that a customer owes; amounts in fen."""

    cost_id: str
    period: str
    principal_fen: int
    late_fee_fen: int = 0

    @property
    def total_fen(self) -> int:
        """Principal and late fee together: what is charged."""
        return self.principal_fen + self.late_fee_fen


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as the power company knows it, before anything is paid here."""

    customer_no: str
    name: str = field(repr=False)
    bills: tuple[Bill, ...] = ()
    balance_fen: int = 0
    address: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    meter_no: str = ""
    #: A name of ``behaviours.BEHAVIOURS``.
    behaviour: str = "paid_at_once"


class Conduct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How this gateway behaves towards everyone."""

    #: Replies name a number of the gateway's own (the harder case); else it takes over the client's.
    own_numbers: bool = True
    #: Where an order is asked for by the client's number, the reply names the number ``asked``, or the ``gateway``'s.
    query_names: Literal["asked", "gateway"] = "asked"
    #: False: every ``sign`` in a reply is empty, as in the source's examples.
    signed: bool = True
    #: A query by the client's own number finds its order; else only the gateway's number does.
    finds_by_our_number: bool = True
    #: The same notice again credits nothing more; else every copy credits.
    notices_idempotent: bool = True
    #: What an idempotent gateway answers to a notice that it credited before: 0000, or 1002.
    repeated_notice: Literal["acknowledged", "exists"] = "acknowledged"
    #: A bill's id stays the same; or is a new one at each arrears query; or is a kind of fee, that is owed again for
    #: the next month once it was credited.
    cost_ids: Literal["constant", "fresh", "recurring"] = "constant"
    #: How long a show-mode order can be paid.
    qr_life_s: float = 7200.0


@dataclass(frozen=True, slots=True)
class SandboxData:
    """All that the sandbox starts with."""

    customers: tuple[Customer, ...]
    payee: str = "城东供电营业厅"
    conduct: Conduct = field(default_factory=Conduct)

    def table(self) -> str:
        """The customers, a row a line, as ``kiosk sandbox`` prints them."""
        return "\n".join(_row(customer) for customer in self.customers)


def _row(customer: Customer) -> str:
    owed = sum(bill.total_fen for bill in customer.bills)
    bills = f"{len(customer.bills)} bill(s), {show_yuan(owed)}" if customer.bills else "no bill"
    behaviour = BEHAVIOURS[customer.behaviour]
    special = "" if behaviour.ending == "0000" else f"; {behaviour.says}"
    return f"  {customer.customer_no}  {customer.name}: {bills}{special}"


def _fen(yuan: str) -> int:
    match = _AMOUNT.fullmatch(yuan)
    if match is None:
        raise DataError(f"{yuan!r} is no amount: yuan with two decimals, such as \"128.50\"")
    return int(match[1]) * 100 + int(match[2])


def _bills(*rows: tuple[str, str, str, str]) -> tuple[Bill, ...]:
    return tuple(Bill(cost_id, period, _fen(amount), _fen(late_fee)) for cost_id, period, amount, late_fee in rows)


def _one(serial: int, principal: str) -> tuple[Bill, ...]:
    return _bills((f"2610{serial:06d}", "2026-10", principal, "0.00"))


#: 61000001.. are ordinary, 61000002.. have a behaviour of their own; 6100000199 is left out: the unknown customer.
DEFAULT = SandboxData(
    (
        Customer("6100000101", "张伟", _one(101, "128.50"), 0, "城东区文昌路18号3幢502室", "13800000101", "3300018101"),
        Customer(
            "6100000102", "王小芳",
            _bills(
                ("2608000102", "2026-08", "96.30", "5.87"),
                ("2609000102", "2026-09", "110.08", "3.41"),
                ("2610000102", "2026-10", "87.60", "0.00"),
            ),
            0, "城东区建设路7号1幢101室", "13800000102", "3300018102",
        ),
        Customer(
            "6100000103", "欧阳明远",
            _bills(("2609000103", "2026-09", "203.15", "6.09"), ("2610000103", "2026-10", "189.99", "0.00")),
            0, "城东区滨河街220号", "13800000103", "3300018103",
        ),
        Customer("6100000104", "李静", (), 5620, "城东区学府路66号2幢1204室", "13800000104", "3300018104"),
        Customer(
            "6100000105", "上海明光电子科技有限公司", _bills(("2610000105", "2026-10", "2345.60", "46.91")),
            0, "城东区工业园三路9号", "02100000105", "3300018105",
        ),
        Customer("6100000106", "𠮷田一郎", _one(106, "66.66"), 1001, "城东区樱花里4号", "13800000106", "3300018106"),
        Customer("6100000107", "赵一", _one(107, "0.01"), 0, "城东区小巷1号", "13800000107", "3300018107"),
        Customer("6100000201", "陈晨", _one(201, "75.20"), behaviour="unified_never_answers"),
        Customer("6100000202", "周敏", _one(202, "80.10"), behaviour="unified_lost_reply"),
        Customer("6100000203", "吴强", _one(203, "91.45"), behaviour="slow_wallet"),
        Customer("6100000204", "郑洁", _one(204, "102.00"), behaviour="wallet_in_doubt"),
        Customer("6100000205", "冯涛", _one(205, "55.00"), behaviour="refusal_closes"),
        Customer("6100000206", "孙丽", _one(206, "61.70"), behaviour="unified_unavailable"),
        Customer("6100000207", "马超", _one(207, "72.35"), behaviour="arrears_never_answer"),
        Customer("6100000208", "朱琳", _one(208, "83.90"), behaviour="customer_system_error"),
        Customer("6100000209", "胡军", _one(209, "94.15"), behaviour="arrears_unreadable"),
        Customer("6100000210", "林婷", _one(210, "45.80"), behaviour="notice_twice_refused"),
        Customer("6100000211", "何勇", _one(211, "57.25"), behaviour="notice_lost_reply"),
    )
)


class _BillRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cost_id: str
    period: str
    principal: str
    late_fee: str = "0.00"


class _CustomerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    customer_no: str
    name: str = ""
    address: str = ""
    phone: str = ""
    meter_no: str = ""
    balance: str = "0.00"
    behaviour: str = "paid_at_once"
    bills: tuple[_BillRow, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    customers: tuple[_CustomerRow, ...]
    payee: str = DEFAULT.payee
    conduct: Conduct = Conduct()


def load(path: Path) -> SandboxData:
    """The data in a TOML or JSON file; raises :class:`DataError` with a sentence."""
    try:
        text = path.read_bytes()[: MAX_FILE_BYTES + 1]
        if len(text) > MAX_FILE_BYTES:
            raise DataError(f"{path}: larger than {MAX_FILE_BYTES} bytes")
        raw = json.loads(text) if path.suffix == ".json" else tomllib.loads(text.decode())
        file = msgspec.convert(raw, _File)
        customers = tuple(map(_customer, file.customers))
        _require_unlike([customer.customer_no for customer in customers], "customer_no")
        return SandboxData(customers, file.payee, file.conduct)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: {error}") from error


def _require_unlike(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"{what} {name} stands there twice")


def _customer(row: _CustomerRow) -> Customer:
    if row.behaviour not in BEHAVIOURS:
        known = ", ".join(BEHAVIOURS)
        raise DataError(f"customer {row.customer_no}: no behaviour {row.behaviour!r}; there are {known}")
    try:
        bills = _bills(*((bill.cost_id, bill.period, bill.principal, bill.late_fee) for bill in row.bills))
        _require_unlike([bill.cost_id for bill in bills], "cost_id")
        balance_fen = _fen(row.balance)
    except DataError as error:
        raise DataError(f"customer {row.customer_no}: {error}") from error
    return Customer(
        row.customer_no, row.name, bills, balance_fen, row.address, row.phone, row.meter_no, row.behaviour
    )
