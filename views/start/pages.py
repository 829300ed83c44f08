"""The pages of the start flow, and what they ask of the window; which page comes when is decided elsewhere."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from explorer.session.settings import filter_presets
from views.start.compare_page import ComparePage
from views.start.concern_page import ConcernPage
from views.start.data_page import DataPage
from views.start.page import Page
from views.start.plan import sample_story
from views.start.reading_page import ReadingPage
from views.start.roles_page import RolesPage
from views.start.services import StartServices
from views.start.start_page import StartPage
from views.start.summary_page import SummaryPage


class StartPages(QStackedWidget):
    """One of the pages is on show."""

    workspace_wanted = Signal()
    statistics_wanted = Signal()
    """Show the workspace with the statistics in front."""
    unpaired_wanted = Signal()
    """Show what did not pair: a dialog of the window's."""
    failed = Signal(object)
    """An error that has no place on a page."""
    concern_made = Signal(object)
    """The page of concern, to be connected: it is made late."""

    def __init__(self, services: StartServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        told = sample_story()
        self.start = StartPage("" if told is None else told.note)
        self.compare = ComparePage()
        self.reading = ReadingPage(services.shapes, services.mapping_text)
        self.roles = RolesPage()
        self.summary = SummaryPage()
        self.data = DataPage()
        for page in (self.start, self.compare, self.reading, self.roles, self.summary, self.data):
            self.addWidget(page)
        self.start.set_sample_present(told is not None)

    @cached_property
    def concern(self) -> ConcernPage:
        """Made when it is first wanted: the filter lists are parsed for it."""
        page = ConcernPage(filter_presets())
        self.addWidget(page)
        self.concern_made.emit(page)
        return page

    def go_on(self) -> None:
        """Press the primary button of the page on show."""
        page = self.currentWidget()
        if isinstance(page, Page) and page.primary is not None and page.primary.isEnabled():
            page.primary.click()

    def turn_to(self, page: QWidget) -> None:
        """Show a page, the keyboard at its way on."""
        self.setCurrentWidget(page)
        if isinstance(page, Page):
            page.take_focus()
