"""Where the gateway is, and how this site's gateway names and shapes things (``[gateway]``, ``[gateway.profile]``).

Rules
1. Only facts of the wire stand here; what decides the meaning of an answer is ``kiosk.core.policy.GatewayTraits``.
2. A table that is given in part replaces only what it names; the rest keeps its default.
3. A mistake is a :class:`GatewayConfigurationError` when the value is made, never a surprise at a payment.
Defaults and their source: interface.md parts 2 and 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from kiosk.core.policy import setting

_Value = TypeVar("_Value")

#: The seven calls of the wire, by this project's names.
CUSTOMER, ARREARS, PAY, UNIFIED, QUERY = "customer", "arrears", "pay", "unified", "query"
ARREARS_NOTICE, PREPAYMENT_NOTICE = "arrears_notice", "prepayment_notice"


class GatewayConfigurationError(ValueError):
    """A setting with which no gateway can be called; ``reason`` is a stable code, ``key`` the setting's name.

    Reasons: ``empty``, ``too_long``, ``characters``, ``not_an_address``, ``plain_http``, ``unknown_name``,
    ``not_a_path``, ``file``, ``not_allowed``.
    """

    def __init__(self, reason: str, key: str, detail: str = "") -> None:
        super().__init__(f"{key}: {reason}" + (f" ({detail})" if detail else ""))
        self.reason = reason
        self.key = key
        self.detail = detail


class Table(Mapping[str, _Value]):
    """A table of settings that nobody can change, so that it has a hash and can be a dataclass's default."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, _Value]) -> None:
        self._items = dict(items)

    def __getitem__(self, name: str) -> _Value:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(tuple(sorted(self._items)))

    def __repr__(self) -> str:
        return repr(self._items)


DEFAULT_PATHS: Table[str] = Table(
    {
        CUSTOMER: "/trade/userInfoQuery",
        ARREARS: "/trade/owInfoQuery",
        PAY: "/trade/pay",
        UNIFIED: "/trade/unified",
        QUERY: "/trade/query",
        ARREARS_NOTICE: "/trade/owPayNotice",
        PREPAYMENT_NOTICE: "/trade/rechargePayNotice",
    }
)
DEFAULT_CUSTOMER_ALIASES: Table[tuple[str, ...]] = Table(
    {
        "name": ("usr_name", "user_name", "cust_name", "name"),
        "address": ("usr_addr", "address", "addr"),
        "balance": ("balance", "acct_bal"),
        "phone": ("phone", "mobile", "tel"),
        "meter_no": ("meter_no",),
    }
)
DEFAULT_BILL_ALIASES: Table[tuple[str, ...]] = Table(
    {
        "list": ("bills", "list", "details", "items"),
        "amount": ("ow_amt", "owe_amt", "arrears"),
        "late_fee": ("dflt_pny", "dflt_pnyt", "penalty"),
        "cost_id": ("cost_id", "costId"),
        "period": ("period", "month", "ym", "bill_month"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """``[gateway]`` in the settings: where the gateway is and as whom this counter calls it."""

    url: str = setting("", "The gateway's address, up to the part before /trade.")
    acq_code: str = setting("", "The collecting institution's number, given by the bank.")
    channel: str = setting("APP", "The channel's name, given by the bank.")
    version: str = setting("3.0", "The interface's version as the gateway wants it named.")
    verify_replies: str = setting(
        "when-signed", "Whether a reply without a signature is let through.", ("when-signed", "required")
    )
    ca_file: str = setting("", "Certificates (PEM) that the gateway's must descend from; empty: the system's.")
    client_cert: str = setting("", "This counter's own certificate (PEM), where the gateway asks for one.")
    client_key: str = setting("", "The key (PEM) of that certificate, where it stands in a file of its own.")
    allow_plain_http: bool = setting(False, "Send payments unprotected to an address that is not this machine.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireProfile:
    """The wire's half of ``[gateway.profile]``: paths, renamed keys, aliases, shapes."""

    paths: Mapping[str, str] = setting(DEFAULT_PATHS, "The path of each call.")
    data_key: str = setting("data", "The key under which replies carry their data; data and date are read too.")
    late_fee_key: str = setting("dflt_pny", "The key under which the late fee is sent.")
    customer_aliases: Mapping[str, tuple[str, ...]] = setting(
        DEFAULT_CUSTOMER_ALIASES, "Under which keys a customer's name, address, balance, phone and meter come."
    )
    bill_aliases: Mapping[str, tuple[str, ...]] = setting(
        DEFAULT_BILL_ALIASES, "Under which keys the list of bills, and a bill's amount, late fee, id, period come."
    )
    amount_holds_late_fee: bool = setting(False, "A bill's amount holds its late fee already.")
    plain_amounts: bool = setting(False, "Whole yuan are sent without decimals.")
    pay_url_hosts: tuple[str, ...] = setting((), "Hosts that a QR's address may name; empty: any, over https.")
    pay_url_schemes: tuple[str, ...] = setting(
        ("weixin", "alipays", "upwrp"), "Wallets' own address schemes that a QR may hold."
    )

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "paths", _merged("paths", DEFAULT_PATHS, self.paths))
        for key, defaults in (("customer_aliases", DEFAULT_CUSTOMER_ALIASES), ("bill_aliases", DEFAULT_BILL_ALIASES)):
            table = _merged(key, defaults, getattr(self, key))
            set_field(self, key, Table({name: _names(f"{key}.{name}", value) for name, value in table.items()}))
        for call, path in self.paths.items():
            if not isinstance(path, str) or not path.startswith("/") or not _is_plain(path):
                raise GatewayConfigurationError("not_a_path", f"paths.{call}")
        for key in ("data_key", "late_fee_key"):
            if not _is_plain(getattr(self, key)):
                raise GatewayConfigurationError("characters", key)
        set_field(self, "pay_url_hosts", tuple(host.lower() for host in _names("pay_url_hosts", self.pay_url_hosts)))
        schemes = _names("pay_url_schemes", self.pay_url_schemes)
        set_field(self, "pay_url_schemes", tuple(scheme.rstrip(":/").lower() for scheme in schemes))


def _merged(key: str, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Table[Any]:
    for name in given:
        if name not in defaults:
            raise GatewayConfigurationError("unknown_name", f"{key}.{name}", f"one of {', '.join(defaults)}")
    return Table({**defaults, **given})


def _names(key: str, value: str | Iterable[str]) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(name, str) and name for name in names):
        raise GatewayConfigurationError("characters", key)
    return names


def _is_plain(text: str) -> bool:
    """Whether a key or a path can go on the wire as it is."""
    return bool(text) and text.isascii() and text.isprintable() and not set(text) & set(' &=?#"\\')
