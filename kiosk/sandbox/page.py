"""The phone's pages as HTML: drawn from values, everything escaped, nothing loaded from anywhere.

Rules
1. No script, no external resource; the one style sheet is in the page and allowed by its hash.
2. Posting the page's one form pays; the second button posts the same form to the refusal's address.
3. Every page says that this is a rehearsal and that no money moves.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

_STYLE = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;background:#f3f6f5;color:#1b2b2a;
 font:16px/1.5 -apple-system,"PingFang SC","HarmonyOS Sans SC","MiSans","Noto Sans SC","Microsoft YaHei",sans-serif}
header{background:#00706b;color:#fff;padding:28px 24px 76px;text-align:center}
header p{margin:0;font-size:15px;color:#d3ebe8}
header h1{margin:4px 0 0;font-size:21px;font-weight:700;overflow-wrap:anywhere}
main{flex:1;width:100%;max-width:480px;margin:-52px auto 0;padding:0 16px;display:flex;flex-direction:column}
.card{background:#fff;border-radius:16px;padding:26px 22px 10px;box-shadow:0 6px 24px rgba(0,60,57,.10)}
.label{margin:0;text-align:center;font-size:15px;color:#5b6b6a}
.amount{margin:2px 0 20px;text-align:center;font-size:44px;line-height:1.2;font-weight:700;letter-spacing:-.5px;
 font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
dl{margin:0;border-top:1px solid #e6edec}
dl div{display:flex;gap:20px;justify-content:space-between;padding:12px 0;border-bottom:1px solid #f0f4f3}
dl div:last-child{border-bottom:0}
dt{flex:none;color:#5b6b6a}
dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.small dd,.small dt{font-size:13px;color:#71807f}
form{margin-top:auto;padding:28px 0 4px;display:flex;flex-direction:column;gap:12px}
button{width:100%;min-height:56px;border-radius:14px;border:0;font:inherit;font-size:19px;font-weight:700;cursor:pointer;
 -webkit-appearance:none;appearance:none}
.confirm{background:#00706b;color:#fff}
.confirm:active{background:#005551}
.refuse{background:transparent;color:#3f5352;border:1px solid #b9c8c6;font-weight:400;font-size:17px}
.refuse:active{background:#e6edec}
button:focus-visible{outline:3px solid #f0b429;outline-offset:2px}
.result{padding-bottom:26px;text-align:center}
.result .amount{margin-bottom:12px}
.result h2{margin:14px 0 4px;font-size:23px}
.result p{margin:0 0 4px;color:#5b6b6a}
.result .total{margin:10px 0 6px;font-size:34px;line-height:1.3;font-weight:700;color:#1b2b2a;
 font-variant-numeric:tabular-nums}
.mark{width:72px;height:72px;display:block;margin:4px auto 0}
.done{color:#00706b}.wait{color:#b7791f}.stop{color:#5b6b6a}
footer{padding:14px 24px 22px;padding-bottom:calc(22px + env(safe-area-inset-bottom));text-align:center;font-size:13px;
 color:#71807f}
"""

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

#: Sent with every page. A QR's address is a secret while it lives: it is neither cached nor passed on.
PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
)

_MARKS: Mapping[str, str] = MappingProxyType(
    {
        "done": '<path d="M21 37l11 11 20-22"/>',
        "wait": '<path d="M36 20v17l11 8"/>',
        "stop": '<path d="M25 25l22 22M47 25L25 47"/>',
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A page without a form: ``mark`` is ``done``, ``wait`` or ``stop``; with ``reload_s`` it asks for itself again."""

    mark: str
    title: str
    says: str
    amount: str = ""
    reload_s: int = 0


_Rows = Sequence[tuple[str, str]]


def confirm_page(payee: str, amount: str, rows: _Rows, small: _Rows, to: str) -> str:
    """The page on which the customer confirms or refuses; ``to`` is the form's address."""
    listed = "".join(map(_row, rows)) + "".join(_row(row, ' class="small"') for row in small)
    address = escape(to)
    return _page(
        "确认支付",
        payee,
        f'<section class="card"><p class="label">支付金额</p><p class="amount">{escape(amount)}</p>'
        f"<dl>{listed}</dl></section>"
        f'<form method="post" action="{address}"><button class="confirm" type="submit">确认支付</button>'
        f'<button class="refuse" type="submit" formaction="{address}/refuse">拒绝支付</button></form>',
    )


def notice_page(payee: str, notice: Notice) -> str:
    """A page that tells how the payment ended, or why there is nothing to pay."""
    amount = f'<p class="total">{escape(notice.amount)}</p>' if notice.amount else ""
    mark = (
        f'<svg class="mark {notice.mark}" viewBox="0 0 72 72" fill="none" stroke="currentColor" stroke-width="4" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="36" cy="36" r="32"/>'
        f"{_MARKS[notice.mark]}</svg>"
    )
    return _page(
        notice.title,
        payee,
        f'<section class="card result" role="status">{mark}<h2>{escape(notice.title)}</h2>{amount}'
        f"<p>{escape(notice.says)}</p></section>",
        f'<meta http-equiv="refresh" content="{notice.reload_s}">' if notice.reload_s else "",
    )


def _row(row: tuple[str, str], kind: str = "") -> str:
    return f"<div{kind}><dt>{escape(row[0])}</dt><dd>{escape(row[1])}</dd></div>"


def _page(title: str, payee: str, body: str, head: str = "") -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">'
        '<meta name="theme-color" content="#00706b"><meta name="format-detection" content="telephone=no">'
        f'<link rel="icon" href="data:,">{head}<title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body><header><p>收款方</p><h1>{escape(payee)}</h1></header><main>{body}</main>"
        "<footer>演练网关 · 不会真正扣款</footer></body></html>"
    )
