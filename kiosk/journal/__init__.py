"""The journal: what is not in it has not happened. The only room that knows SQL.

``writer`` is the one process's writing connection (the engine's ``JournalPort``), ``reader`` looks beside it,
``verify`` says whether what lies on the disk is sound. The rest are their parts.
"""

from kiosk.journal.reader import JournalReader
from kiosk.journal.verify import Finding, held, verify
from kiosk.journal.writer import Journal

__all__ = ["Finding", "Journal", "JournalReader", "held", "verify"]
