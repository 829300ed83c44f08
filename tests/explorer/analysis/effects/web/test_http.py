"""HTTP requests: method, path and GraphQL body."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.web.http import classify_http
from tests.explorer.analysis.effects.packs import kinds


@pytest.mark.parametrize(
    ("method", "url", "body", "kind"),
    [
        ("GET", "http://h/users/3", None, "read"),
        ("GET", "http://h/deleted", None, "read"),
        ("DELETE", "http://h/users/3", None, "remote_delete"),
        ("POST", "http://h/index/_delete_by_query", "{}", "remote_delete"),
        ("POST", "https://api.bank.example/v1/transfers", "{}", "value_out"),
        ("POST", "http://localhost:8000/items", "{}", "create"),
        ("POST", "https://far.example.com/collect", "x=1", "net_egress"),
        ("PUT", "http://h/items/1", "{}", "modify"),
        ("PATCH", "http://h/items/1", "{}", "modify"),
        ("POST", "http://h/graphql", "mutation { deleteUser(id: 3) { id } }", "remote_delete"),
        ("POST", "http://h/graphql", "mutation M { updateUser(id: 3) { id } }", "modify"),
        ("POST", "http://h/graphql", "query { user(id: 3) { deleteReason } }", "read"),
        ("BREW", "http://h/", None, "unknown"),
    ],
)
def test_a_request_has_its_effect(method: str, url: str, body: str | None, kind: str) -> None:
    assert kinds(classify_http(method, url, body)) == {kind}


def test_deleting_a_whole_collection_weighs_more_than_one_object() -> None:
    (one,), (whole,) = classify_http("DELETE", "http://h/logs/3"), classify_http("DELETE", "http://h/_all")
    assert (one.severity, whole.severity) == (3, 4)


def test_a_secret_file_that_is_sent_is_exfiltration() -> None:
    assert kinds(classify_http("POST", "https://x.example.com/u", "f", sends_file="/root/.ssh/id_rsa")) == {"exfil"}
    assert kinds(classify_http("POST", "https://x.example.com/u", "f", sends_file="report.pdf")) == {"net_egress"}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=10), st.text(max_size=60), st.none() | st.text(max_size=60))
def test_any_request_gives_a_result(method: str, url: str, body: str | None) -> None:
    assert len(classify_http(method, url, body)) == 1
