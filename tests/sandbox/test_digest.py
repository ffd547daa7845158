"""The sandbox's own digest against vectors that came from elsewhere (OpenSSL)."""

import json
from pathlib import Path

import pytest

from kiosk.sandbox.digest import digest, sealed

_FILE = Path(__file__).parents[1] / "vectors" / "signing.json"
#: The others are about reading a reply as it was received; the sandbox only writes replies.
VECTORS = [vector for vector in json.loads(_FILE.read_text(encoding="utf-8")) if "fields" in vector]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["case"] for vector in VECTORS])
def test_digest_is_the_one_that_openssl_computed(vector):
    assert digest(vector["fields"]) == vector["sign"]


def test_vectors_are_there():
    assert len(VECTORS) >= 5


def test_a_value_that_is_not_text_takes_part_as_the_characters_in_the_reply():
    fields = {"code": "SUCCESS", "data": [{"b": "𠮷", "a": "1"}]}
    body = sealed(fields).decode()
    raw = '[{"b":"𠮷","a":"1"}]'
    assert f'"data":{raw}' in body
    assert digest(fields) == digest({"code": "SUCCESS", "data": raw})


def test_an_unsigned_reply_carries_an_empty_sign():
    assert json.loads(sealed({"code": "SUCCESS"}, signed=False))["sign"] == ""
