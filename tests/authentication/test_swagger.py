"""Swagger UI of a service that asks for tokens, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.support.chromium import chromium
from tests.support.tokens import token_of

pytestmark = pytest.mark.run_once("postgresql")

expect.set_options(timeout=15_000)


@pytest.fixture
def page(guarded_service):
    with chromium() as browser, browser.new_context(base_url=guarded_service.url) as context:
        yield context.new_page()


def status_of(operation):
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table tbody .response-col_status")


def test_try_it_out_sends_the_token_that_authorize_was_given(page):
    page.goto("/docs")
    operation = page.locator("#operations-tasks-createTask")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("user_id").fill("me")
    expect(status_of(operation)).to_have_text("401")

    page.locator(".auth-wrapper .authorize").first.click()
    page.locator(".auth-container input").fill(token_of("swagger user"))
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    expect(status_of(operation)).to_have_text("201")
    expect(operation.locator(".live-responses-table")).to_contain_text('"user_id": "swagger user"')
