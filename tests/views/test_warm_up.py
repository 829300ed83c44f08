"""Heavy imports come in pieces and end with one signal."""

from __future__ import annotations

import sys

from pytestqt.qtbot import QtBot

from views.warm_up import WarmUp


def test_modules_are_there_when_it_is_done(qtbot: QtBot) -> None:
    warm_up = WarmUp(("json.tool",))
    with qtbot.waitSignal(warm_up.done, timeout=20_000):
        warm_up.start()
    assert "json.tool" in sys.modules
    assert not warm_up._timer.isActive()
