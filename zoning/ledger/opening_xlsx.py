"""An opening book as a workbook: a sheet for each quota kind, a row for each lot.

The template is written, filled in by hand, and read back; every faulty cell is named at once, as
``占补平衡指标!F7``. What is written is read back as it was.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from zoning.codes.events import LedgerEvent, ledger_events
from zoning.codes.reader import QuotaKind
from zoning.errors import InputError, Message, ZoningError
from zoning.ledger.amounts import check_vector, read_amount
from zoning.ledger.model import Inflow
from zoning.ledger.opening import FIELDS, inflow_of, inflow_types

NOTES = "说明 Notes"
TITLES: Mapping[str, tuple[str, str]] = {
    "place": ("行政区", "place"),
    "pool": ("指标池", "pool"),
    "vintage": ("年度", "vintage"),
    "document": ("文号", "document"),
    "document_date": ("文件日期", "document date"),
    "effective": ("生效日", "effective"),
    "expires": ("到期日", "expires"),
    "official_type": ("业务类型", "type"),
    "origin": ("来源图斑", "origin"),
    "uses": ("限用", "uses"),
    "unit_cost_yuan": ("单位成本（元）", "unit cost (yuan)"),
    "note": ("备注", "note"),
    "lot_id": ("批次号", "lot id"),
    "key": ("记账键", "key"),
}
"""Field of an inflow → its heading in Chinese and in English."""

UNIT_SHOWN = {"dm2": "公顷", "kg": "公斤"}
LONGEST_LIST = 250
"""As many characters as a spreadsheet takes for the choices of a cell."""

BETWEEN = re.compile(r"[\n；]")
UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
NOTICE = ("每个指标种类一张表，每批次一行；面积以公顷、产能以公斤填写。",
          "多个图斑或限用项目类型，一行一个写在同一单元格内，图斑写作 图层/编号。",
          "One sheet for each kind of quota, one row for each lot; land in hectares, grain in kg. "
          "Several polygons or uses: one to a line within the cell; a polygon is role/feature id.")


@dataclass(frozen=True)
class _Unfit(Exception):
    expected: Message


def write_opening(
    inflows: Iterable[Inflow],
    *,
    kinds: Mapping[str, QuotaKind],
    events: Mapping[str, LedgerEvent] | None = None,
) -> bytes:
    """A workbook of inflows; none makes the empty template."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    notes: Any = workbook.create_sheet(NOTES)
    for row, line in enumerate(NOTICE, start=1):
        _set(notes.cell(row, 1), line)
    notes.column_dimensions["A"].width = 110
    found = list(inflows)
    for kind in kinds.values():
        _write_kind(workbook.create_sheet(_sheet_name(kind)), kind,
                    [each for each in found if each.lot.account.kind == kind.code],
                    inflow_types(kind, ledger_events() if events is None else events))
    told = io.BytesIO()
    workbook.save(told)
    return told.getvalue()


def read_opening(
    data: bytes,
    *,
    source: str,
    kinds: Mapping[str, QuotaKind],
    events: Mapping[str, LedgerEvent] | None = None,
) -> tuple[Inflow, ...]:
    """Read an opening book from a workbook.

    Raises
    ------
    InputError
        It is no workbook, holds no lot, or cells are faulty: all are in the message, each with its
        sheet and place, what was expected and what was found.

    """
    faults: list[Message] = []
    rows: list[tuple[str, int, dict[str, Any]]] = []
    formulas = _unreckoned(data, source)
    for sheet in _open(data, source):
        kind = _kind_of(sheet.title, kinds)
        if kind is None:
            if sheet.title != NOTES:
                names = [_sheet_name(each) for each in kinds.values()]
                faults.append(Message("ledger_book.sheet", {"sheet": sheet.title,
                                                            "allowed": names}))
            continue
        types = inflow_types(kind, ledger_events() if events is None else events)
        found = _Sheet(sheet, kind, types, faults, formulas.get(sheet.title, {}))
        rows += [(sheet.title, number, row) for number, row in found.rows()]
    if not faults and not rows:
        raise InputError("ledger_book.no_rows", file=source)
    inflows = () if faults else tuple(inflow_of(row, kinds) for _, _, row in rows)
    faults += _repeats(inflows, rows)
    if faults:
        raise InputError("ledger_book.cells", file=source, count=len(faults), faults=faults)
    return inflows


class _Sheet:
    """One sheet being read: what each column is, and the faults found."""

    def __init__(
        self, sheet: Worksheet, kind: QuotaKind, types: Sequence[str], faults: list[Message],
        formulas: Mapping[str, str],
    ) -> None:
        self.sheet, self.kind, self.types, self.faults = sheet, kind, types, faults
        self.formulas = formulas
        self.columns = self._columns()

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The sound rows, with their numbers; empty rows are passed over."""
        for number, cells in enumerate(self.sheet.iter_rows(min_row=2, values_only=True), start=2):
            if any(value is not None and str(value).strip() for value in cells):
                row = self._row(number, cells)
                if row is not None:
                    yield number, row

    def fault(self, column: str, row: int, expected: Message, found: object) -> None:
        """Name a cell: where it is, what was expected, what was found."""
        shown = Message("ledger_book.empty_cell") if found is None else str(found)
        self.faults.append(Message("ledger_book.cell", {
            "where": f"{self.sheet.title}!{column}{row}", "expected": expected, "found": shown}))

    def _columns(self) -> dict[str, int]:
        """Field or component (as ``amounts.area``) → its column, from the heading."""
        known = dict(_headings(self.kind))
        found: dict[str, int] = {}
        first = next(self.sheet.iter_rows(min_row=1, max_row=1, values_only=True), ())
        for at, title in enumerate(first):
            if title is None:
                continue
            name = known.get(_plain(title))
            if name is None or name in found:
                self.fault(get_column_letter(at + 1), 1, Message("ledger_book.a_heading"), title)
            else:
                found[name] = at
        needed = [name for name, (must, _, _) in FIELDS.items() if must and name in TITLES]
        for name in needed:
            if name not in found:
                self.fault("A", 1, Message("ledger_book.the_heading",
                                           {"heading": TITLES[name][0]}), None)
        return found

    def _row(self, number: int, cells: Sequence[object]) -> dict[str, Any] | None:
        before = len(self.faults)
        row: dict[str, Any] = {"kind": self.kind.code, "amounts": {}}
        for name, at in self.columns.items():
            value = cells[at] if at < len(cells) else None
            read = self._read(name, value, number, get_column_letter(at + 1))
            if read is None:
                continue
            if name.startswith("amounts."):
                row["amounts"][name.removeprefix("amounts.")] = read
            else:
                row[name] = read
        if len(self.faults) == before:
            self._check_whole(row, number)
        return row if len(self.faults) == before else None

    def _read(self, name: str, value: object, number: int, column: str) -> Any:
        must = name in FIELDS and FIELDS[name][0]
        formula = self.formulas.get(f"{column}{number}") if value is None else None
        if formula is not None:
            self.fault(column, number, Message("ledger_book.a_value"), formula)
            return None
        try:
            if value is None or (isinstance(value, str) and not value.strip()):
                if must:
                    raise _Unfit(Message(f"ledger.form.{FIELDS[name][1]}"))
                return None
            return _reader(name, self.kind, self.types)(value)
        except _Unfit as unfit:
            self.fault(column, number, unfit.expected, value)
            return None

    def _check_whole(self, row: Mapping[str, Any], number: int) -> None:
        letter = {name: get_column_letter(at + 1) for name, at in self.columns.items()}
        try:
            check_vector({code: read_amount(text, self.kind.component(code))
                          for code, text in row["amounts"].items()}, self.kind)
        except ZoningError as error:
            first = next((letter[n] for n in letter if n.startswith("amounts.")), "A")
            self.fault(first, number, error.message, None)
        if "expires" in row and row["expires"] < row["effective"]:
            expected = Message("ledger_book.not_before", {"day": row["effective"]})
            self.fault(letter["expires"], number, expected, row["expires"])


def _open(data: bytes, source: str, *, values: bool = True) -> Sequence[Worksheet]:
    try:
        workbook = load_workbook(io.BytesIO(data), data_only=values)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, TypeError,
            AttributeError, SyntaxError) as error:
        raise InputError("ledger_book.no_workbook", file=source, said=str(error)) from None
    return workbook.worksheets


def _unreckoned(data: bytes, source: str) -> dict[str, dict[str, str]]:
    """Sheet → cell → its formula; one whose value was never stored would pass for an empty cell."""
    return {
        sheet.title: {cell.coordinate: str(cell.value) for row in sheet.iter_rows()
                      for cell in row if cell.data_type == "f"}
        for sheet in _open(data, source, values=False)
    }


def _kind_of(title: str, kinds: Mapping[str, QuotaKind]) -> QuotaKind | None:
    for kind in kinds.values():
        if title.strip() in {_sheet_name(kind), kind.zh, kind.en, kind.code}:
            return kind
    return None


def _sheet_name(kind: QuotaKind) -> str:
    """A name that a spreadsheet accepts."""
    return re.sub(r"[\[\]:*?/\\]", "_", kind.zh)[:31]


def _headings(kind: QuotaKind) -> Iterator[tuple[str, str]]:
    for name, titles in TITLES.items():
        yield from ((_plain(title), name) for title in (*titles, name))
    for component in kind.components:
        for name in (component.zh, component.en, component.code):
            unit = UNIT_SHOWN[component.unit]
            for shown in (f"{name}（{unit}）", f"{name} ({unit})"):
                yield _plain(shown), f"amounts.{component.code}"


def _plain(title: object) -> str:
    return re.sub(r"\s+", " ", str(title)).strip().casefold()


def _reader(
    name: str, kind: QuotaKind, types: Sequence[str]
) -> Callable[[object], Any]:
    if name.startswith("amounts."):
        return lambda value: _amount(value, kind, name.removeprefix("amounts."))
    if name == "official_type":
        return lambda value: _choice(value, types)
    form = FIELDS[name][1]
    readers: dict[str, Callable[[object], Any]] = {
        "text": _text, "texts": _texts, "day": _day, "year": _whole, "count": _whole}

    def read(value: object) -> Any:
        found = readers[form](value)
        if found is None or not FIELDS[name][2](found):
            raise _Unfit(Message(f"ledger.form.{form}"))
        return found

    return read


def _text(value: object) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if isinstance(value, (datetime, bool)) else str(value)


def _texts(value: object) -> list[str]:
    return [each for each in BETWEEN.split(str(value)) if each.strip()]


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date() if value.time() == datetime.min.time() else None
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError:
        return None


def _whole(value: object) -> int | None:
    try:
        number = None if isinstance(value, bool) else Decimal(str(value).strip())
    except ArithmeticError:
        return None
    whole = number is not None and number.is_finite() and number == number.to_integral_value()
    return int(number) if whole and number is not None else None


def _choice(value: object, allowed: Sequence[str]) -> str:
    if str(value).strip() not in allowed:
        raise _Unfit(Message("ledger_book.one_of", {"allowed": list(allowed)}))
    return str(value).strip()


def _amount(value: object, kind: QuotaKind, code: str) -> str:
    component = kind.component(code)
    if isinstance(value, bool):
        raise _Unfit(Message("ledger_book.amount", {"unit": UNIT_SHOWN[component.unit]}))
    number = format(Decimal(repr(value)), "f") if isinstance(value, (int, float)) else str(value)
    text = f"{number.strip()}{UNIT_SHOWN[component.unit]}"
    try:
        read_amount(text, component)
    except (ZoningError, ArithmeticError):
        raise _Unfit(Message("ledger_book.amount", {"unit": UNIT_SHOWN[component.unit]})) from None
    return text


def _repeats(
    inflows: Sequence[Inflow], rows: Sequence[tuple[str, int, Mapping[str, Any]]]
) -> Iterator[Message]:
    first: dict[str | None, tuple[str, int]] = {}
    for inflow, (sheet, number, _) in zip(inflows, rows, strict=False):
        key = inflow.voucher.key
        if key in first:
            other = "!A".join(map(str, first[key]))
            yield Message("ledger_book.repeated", {"where": f"{sheet}!A{number}", "other": other})
        first.setdefault(key, (sheet, number))


def _write_kind(
    sheet: Any, kind: QuotaKind, inflows: Sequence[Inflow], types: Sequence[str]
) -> None:
    amounts = {f"amounts.{c.code}": f"{c.zh}（{UNIT_SHOWN[c.unit]}）" for c in kind.components}
    titles = {**{name: zh for name, (zh, _) in TITLES.items()}, **amounts}
    for at, (name, title) in enumerate(titles.items(), start=1):
        heading = sheet.cell(1, at)
        _set(heading, title)
        heading.font = Font(bold=True)
        heading.fill = PatternFill("solid", start_color="E8EEF5")
        heading.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(at)].width = 14
        for row, inflow in enumerate(inflows, start=2):
            _set(sheet.cell(row, at), _shown(inflow, name, kind))
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    letter = get_column_letter(list(titles).index("official_type") + 1)
    listed = ",".join(types)
    if listed.count(",") == len(types) - 1 and '"' not in listed and len(listed) <= LONGEST_LIST:
        choice = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
        choice.add(f"{letter}2:{letter}1000")
        sheet.add_data_validation(choice)


def _shown(inflow: Inflow, name: str, kind: QuotaKind) -> object:
    if name.startswith("amounts."):
        code = name.removeprefix("amounts.")
        amount = inflow.amounts.get(code)
        if amount is None or kind.component(code).unit == "kg":
            return amount
        return float(Decimal(amount).scaleb(-6))
    lot, voucher = inflow.lot, inflow.voucher
    if name in {"place", "pool"}:
        return getattr(lot.account, name)
    if name in {"effective", "official_type", "key"}:
        return getattr(voucher, name) or None
    value = getattr(lot, name)
    return "\n".join(value) if isinstance(value, tuple) else value


def _set(cell: Any, value: Any) -> None:
    """Text is written as text, whatever it begins with; days and numbers as what they are."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        cell.value = UNFIT.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"


__all__ = ["NOTES", "TITLES", "read_opening", "write_opening"]
