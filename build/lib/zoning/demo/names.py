"""Invented names and codes of the demo county; none is a real village or unit."""

from __future__ import annotations

from zoning.demo.cells import Integers

COUNTY_CODE = "320623"
COUNTY = "示范县(演示)"
REMARK = "演示数据,非真实"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_DIGITS = "零一二三四五六七八九"
_VILLAGE_BLOCKS = 2
_TOWN_VILLAGES = 6


def villages(blocks: Integers, rows: int) -> Integers:
    """The village of each block, as a number: town times 36 plus its place in the town.

    `blocks` are block numbers, column times `rows` plus row.
    """
    column, row = blocks // rows // _VILLAGE_BLOCKS, blocks % rows // _VILLAGE_BLOCKS
    across = -(-rows // (_VILLAGE_BLOCKS * _TOWN_VILLAGES))
    town = column // _TOWN_VILLAGES * across + row // _TOWN_VILLAGES
    within = column % _TOWN_VILLAGES * _TOWN_VILLAGES + row % _TOWN_VILLAGES
    found: Integers = town * _TOWN_VILLAGES**2 + within
    return found


def village_name(village: int) -> str:
    """Like 示范一镇甲子村: towns by number, villages by the sexagenary cycle."""
    town, within = divmod(village, _TOWN_VILLAGES**2)
    return f"示范{_counted(town + 1)}镇{_STEMS[within % 10]}{_BRANCHES[within % 12]}村"


def village_code(village: int) -> str:
    """The 19 digits of a village: county, a town number no real town has, village, zeros."""
    town, within = divmod(village, _TOWN_VILLAGES**2)
    return f"{COUNTY_CODE}{(900 + town) % 1000:03d}{200 + within:03d}0000000"


def _counted(number: int) -> str:
    """1 to 99 in Chinese digits."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
