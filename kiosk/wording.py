"""Every sentence a person reads, keyed by code, in the language of the moment.

Rules
1. The texts stand in ``assets/locale/*/LC_MESSAGES/kiosk.po`` (how to add one is said at their heads); here is only
   the way to them. A code is the message id, a field is named: ``say("amount.above_max", max="¥100.00")``.
2. Nothing here ever raises at the counter: a code that has no text is said in brackets, a field that was not given
   likewise, and each is logged once as our own fault.
3. Values come ready for people: money by ``show_yuan``, times by whoever knows the zone.
"""

from __future__ import annotations

import gettext
import logging
from pathlib import Path

from kiosk.core.sentence import Sentence
from kiosk.paths import assets

#: The languages there are; the first is the default.
LOCALES = ("zh_CN", "en")
DOMAIN = "kiosk"

Value = str | int | Sentence
_log = logging.getLogger(__name__)


class Wording:
    """Says sentences in one language; :meth:`set_locale` changes it for all that is said after.

    Used from any thread: it keeps nothing between two sentences but what was complained of already.
    """

    def __init__(self, locale: str = LOCALES[0], directory: Path | None = None) -> None:
        self._directory = directory or assets() / "locale"
        self._complained: set[str] = set()
        self.set_locale(locale)

    @property
    def locale(self) -> str:
        """The language of the moment, one of :data:`LOCALES`."""
        return self._locale

    def set_locale(self, locale: str) -> None:
        """Speak this language from now on; ValueError for one that there is not."""
        if locale not in LOCALES:
            raise ValueError(f"no such language: {locale!r}; there are {', '.join(LOCALES)}")
        try:
            self._texts: gettext.NullTranslations = gettext.translation(DOMAIN, str(self._directory), [locale])
        except OSError as error:
            self._texts = gettext.NullTranslations()
            self._complain(f"the texts of {locale} cannot be read: {error}")
        self._locale = locale

    def has(self, code: str) -> bool:
        """Whether there is a text for this code."""
        return self._texts.gettext(code) != code

    def say(self, sentence: Sentence | str, **fields: Value) -> str:
        """The text of a sentence, or of a code, with its fields filled in.

        A field may itself be a :class:`Sentence`. Fields given here stand before those of the sentence.
        """
        if isinstance(sentence, Sentence):
            code, values = sentence.code, {**dict(sentence.fields), **fields}
        else:
            code, values = sentence, dict(fields)
        text = self._texts.gettext(code)
        if text == code:
            self._complain(f"no text for {code} in {self._locale}")
            return f"[{code}]"
        return text.format_map(_Values(self, code, values)) if "{" in text else text

    def _complain(self, what: str) -> None:
        if what not in self._complained:
            self._complained.add(what)
            _log.error("%s", what)

    def lacks(self, code: str, name: str) -> str:
        """What stands for a field that was not given."""
        self._complain(f"{code} was said without its field {name}")
        return f"[{name}]"


class _Values(dict[str, str]):
    """The fields of one sentence, said where they are sentences themselves."""

    def __init__(self, wording: Wording, code: str, values: dict[str, Value]) -> None:
        super().__init__(
            (name, wording.say(value) if isinstance(value, Sentence) else str(value)) for name, value in values.items()
        )
        self._wording = wording
        self._code = code

    def __missing__(self, name: str) -> str:
        return self._wording.lacks(self._code, name)
