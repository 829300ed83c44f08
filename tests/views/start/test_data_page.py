"""The data report's sections about pairing."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.builders import build_dataset
from views.start.data_page import DataPage

REPORT: dict[str, Any] = {"quality": {}, "files": []}
SUMMARY: dict[str, Any] = {
    "counts": {"pairs": 1},
    "n_unpaired": 1_234,
    "unpaired": [
        {"task": '["bank", "7"]', "group": "small", "trial": 2, "trajectory_id": "x", "reason": "it is empty"}
    ],
    "key_suggestions": [
        {"first": "a-1", "first_role": "teacher", "second": "<b>a_1</b>", "second_role": "student", "similarity": 90.9}
    ],
}


@pytest.fixture
def page(qtbot: QtBot) -> DataPage:
    made = DataPage()
    qtbot.addWidget(made)
    return made


def _cells(page: DataPage, name: str) -> list[str]:
    model = page.tables[name].model()
    return [str(model.index(0, column).data()) for column in range(model.columnCount())]


def test_what_did_not_pair_and_the_keys_that_look_alike_are_listed(page: DataPage) -> None:
    page.show_report(REPORT, build_dataset({"T": {"t": []}}), SUMMARY)
    assert page.titles["NOT PAIRED"].text() == "NOT PAIRED · the first 1 of 1,234"
    assert _cells(page, "NOT PAIRED") == ["small", "bank · 7", "2", "it is empty"]
    assert _cells(page, "KEYS THAT LOOK ALIKE") == ["teacher", "a-1", "student", "<b>a_1</b>", "91 %"]
    assert not page.advice.isHidden()
    assert not page.unpaired.isHidden()
    assert page.titles["TASKS NAMED ANEW"].isHidden()


def test_tasks_named_anew_are_listed_with_what_they_pair_as(page: DataPage) -> None:
    aliases = {"<b>a_1</b>": "a-1", '["bank",7]': "bank-7"}
    page.show_report({**REPORT, "mapping": {"task_aliases": aliases}}, build_dataset({"T": {"t": []}}), {"counts": {}})
    assert page.titles["TASKS NAMED ANEW"].text() == "TASKS NAMED ANEW · 2"
    assert _cells(page, "TASKS NAMED ANEW") == ["<b>a_1</b>", "a-1"]
    assert not page.unpaired.isHidden()


def test_without_an_audit_nothing_is_said_of_pairing(page: DataPage) -> None:
    page.show_report(REPORT, build_dataset({"T": {"t": []}}))
    for name in ("NOT PAIRED", "KEYS THAT LOOK ALIKE"):
        assert page.titles[name].isHidden()
        assert page.tables[name].isHidden()
    assert page.advice.isHidden()
    assert page.unpaired.isHidden()


def test_where_all_paired_that_is_said(page: DataPage) -> None:
    page.show_report(REPORT, build_dataset({"T": {"t": []}}), {"counts": {"pairs": 3}})
    assert page.titles["NOT PAIRED"].text() == "NOT PAIRED · none"
    assert not page.titles["NOT PAIRED"].isHidden()
    assert page.advice.isHidden()
