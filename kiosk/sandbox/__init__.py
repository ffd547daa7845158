"""The gateway in miniature: a real HTTP server for integrators, the demo and the tests.

Rules
1. It is the other side of the wire: it shares no signing and no wire code with ``kiosk.gateway``, so that both cannot
   be wrong together. Of the project it uses only how money, names and payment codes are shown (``kiosk.core``).
2. What goes wrong is data (``behaviours``, ``scenario``), never an ``if`` beside a customer's number.
3. It is strict: what a strict gateway would refuse is refused, and noted as a breach of the client (``GET /ledger``).
4. Deciding (``envelope``, ``calls``, ``ledger``) knows no HTTP and takes its clocks and its randomness as arguments;
   ``server`` only carries bytes.

Scenarios: a TOML file (read by ``scenario_file``; ``dial_keys`` says what it may hold) sets dials, courses, conduct;
``dials`` is the data of an answer, ``writing`` makes its bytes, ``wire`` says how a delivery writes them. The book
(``ledger``) stays true under all of them: it is what a client is compared with.
"""
