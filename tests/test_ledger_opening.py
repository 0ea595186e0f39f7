"""Opening books in TOML."""

from __future__ import annotations

from datetime import date

import pytest
from ledger_books import open_book

from zoning.errors import InputError
from zoning.ledger.model import Account, Inflow, Lot
from zoning.ledger.opening import parse_opening
from zoning.messages import say

BOOK = """
[[inflow]]
kind = "offset"
pool = "county"
place = "CN/32/3206/320623"
vintage = 2018
document = "通国土资〔2018〕7号"
document_date = 2018-11-02
effective = 2019-01-01
expires = 2021-12-31
official_type = "项目入库指标"
origin = ["offset/BC-01", "offset/BC-02"]
uses = ["industry"]
amounts = {area = "320mu", paddy = "8 ha", capacity = "21 t"}

[[inflow]]
kind = "plan_quota"
pool = "county"
place = "CN/32/3206/320623"
vintage = 2019
document = "plan"
effective = 2019-01-01
amounts = {total = "10ha", agricultural = "8ha", farmland = "6ha"}
"""


def test_parse_opening_reads_every_field():
    """accounting §5"""
    offset, plan = parse_opening(BOOK)
    assert offset.lot == Lot(
        "", Account("CN/32/3206/320623", "offset", "county"), 2018, "通国土资〔2018〕7号",
        date(2018, 11, 2), ("offset/BC-01", "offset/BC-02"), date(2021, 12, 31),
        uses=("industry",))
    assert offset.amounts == {"area": 21_333_333, "paddy": 8_000_000, "capacity": 21_000}
    assert (offset.voucher.effective, offset.voucher.official_type) == (
        date(2019, 1, 1), "项目入库指标")
    assert plan.amounts == {"total": 10_000_000, "agricultural": 8_000_000, "farmland": 6_000_000}


def test_opening_posted_twice_comes_in_once(tmp_path):
    """accounting §4"""
    with open_book(tmp_path) as book:
        first = book.post_opening(parse_opening(BOOK))
        assert book.post_opening(parse_opening(BOOK)) == first
        assert book.position() == 2
        assert len(book.lots(as_of=date(2019, 1, 1))) == 2


def test_opening_is_posted_whole_or_not_at_all(tmp_path):
    offset, plan = parse_opening(BOOK)
    broken = Inflow(plan.lot, {"total": -1}, plan.voucher)
    with open_book(tmp_path) as book:
        with pytest.raises(Exception, match="amount_unfit"):
            book.post_opening([offset, broken])
        assert (book.position(), book.lots()) == (0, ())


def test_parse_opening_names_all_faults_at_once():
    text = """
[[inflow]]
kind = "offsets"
pool = ""
place = "CN/32"
vintage = "2019"
effective = "2019-01-01"
colour = "red"
amounts = {area = "1ha"}
[[inflow]]
kind = "offset"
pool = "county"
place = "CN/32"
vintage = 2019
document = "d"
effective = 2019-01-01
expires = 2018-01-01
official_type = "挂钩指标"
amounts = {area = 3, total = "1ha", capacity = "1.5kg"}
[[inflow]]
kind = "offset"
pool = "county"
place = "CN/32"
vintage = 2019
document = "d"
effective = 2019-01-01
amounts = {area = "0ha"}
"""
    with pytest.raises(InputError) as caught:
        parse_opening(text)
    told = [(fault.params["row"], fault.params["fact"].key)
            for fault in caught.value.message.params["faults"]]
    assert told == [
        (1, "ledger.opening_missing"), (1, "ledger.opening_unknown"),
        (1, "ledger.opening_form"), (1, "ledger.opening_form"), (1, "ledger.opening_form"),
        (1, "ledger.unknown_kind"),
        (2, "ledger.amount_unit"), (2, "ledger.unknown_component"), (2, "ledger.amount_whole_kg"),
        (2, "ledger.unknown_official"), (2, "ledger.born_expired"),
        (3, "ledger.nothing_asked"),
    ]
    for language in ("zh", "en"):
        assert "colour" in say(caught.value, language)


def test_parse_opening_tells_repeated_rows_from_keyed_ones():
    row = BOOK.split("\n\n", maxsplit=1)[0]
    with pytest.raises(InputError) as caught:
        parse_opening(row + "\n" + row)
    assert "it repeats row 1" in say(caught.value, "en")
    keyed = parse_opening(row + '\nkey = "a"\n' + row + '\nkey = "b"\n')
    assert [inflow.voucher.key for inflow in keyed] == ["a", "b"]


@pytest.mark.parametrize(("text", "key"), [
    ("[[inflow", "ledger.opening_toml"), ("", "ledger.opening_shape"),
    ("inflow = 3", "ledger.opening_shape"), ("inflow = [1]", "ledger.opening_shape"),
    ("a = 1\n[[inflow]]\nkind='x'", "ledger.opening_shape"),
])
def test_parse_opening_refuses_other_files(text, key):
    with pytest.raises(InputError) as caught:
        parse_opening(text)
    assert caught.value.message.key == key
    assert say(caught.value, "zh")
