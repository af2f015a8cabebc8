"""Fixtures of the tests that drive a real page in Chromium.

A test takes ``project``, writes its files, starts it, opens a page, saves something
and says what it expects to see::

    def test_an_accepted_module_updates_without_a_reload(project):
        project.write({"static/main.js": '''
            window.log.push("one");
            import.meta.hot?.accept();
        '''})
        project.start()
        page = project.open()
        page.wait_until_connected()

        project.save("static/main.js", '''
            window.log.push("two");
            import.meta.hot?.accept();
        ''')

        page.wait_for_log(["one", "two"])
        page.assert_not_reloaded()
"""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from .support.chromium import BrowserNotFoundError, Browsers, find_chromium
from .support.forks import Nursery, is_possible
from .support.page import DEADLINE
from .support.project import Project

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, so that ``-m "not browser"`` leaves them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> t.Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failure what the server and the consoles said."""
    report = yield
    project = getattr(item, "funcargs", {}).get("project")

    if report.failed and isinstance(project, Project):
        report.sections.append(("server output", project.output))

        for number, page in enumerate(project.pages, 1):
            report.sections.append((f"console of page {number}", page.console))

    return report


@pytest.fixture(scope="session")
def browsers() -> t.Iterator[Browsers]:
    """The browser, started once for all tests."""
    try:
        find_chromium()
    except BrowserNotFoundError as error:
        # A failure and no skip: most of what the project promises is seen only here.
        pytest.fail(str(error), pytrace=False)

    expect.set_options(timeout=DEADLINE)

    with sync_playwright() as playwright:
        browsers = Browsers(playwright.chromium)

        try:
            yield browsers
        finally:
            browsers.close()


@pytest.fixture(scope="session")
def nursery() -> t.Iterator[Nursery | None]:
    """What servers are forked from, where that can be done and measured."""
    if not is_possible or "COVERAGE_FILE" in os.environ:
        yield None
        return
    nursery = Nursery()
    try:
        yield nursery
    finally:
        nursery.close()


@pytest.fixture
def project(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    browsers: Browsers,
    nursery: Nursery | None,
) -> t.Iterator[Project]:
    """A new project, which ends with the test."""
    if request.node.get_closest_marker("interpreter"):
        nursery = None
    project = Project(tmp_path, browsers, nursery)

    try:
        yield project
    finally:
        project.close()
