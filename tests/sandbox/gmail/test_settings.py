"""Settings that clients read when they start, and push notices that nobody gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError

from sandbox.server import Box
from tests.sandbox.gmail.conftest import ME

Api = Callable[..., requests.Response]

TOPIC = "projects/sandbox-project/topics/mail"


def refusal(call: Any) -> tuple[int, str, str]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    item = refused.value.error_details[0]
    return refused.value.resp.status, item["reason"], item["message"]


@pytest.fixture
def own(gmail: Any) -> Any:
    return gmail.users().settings()


def test_what_a_fresh_mailbox_has(own: Any) -> None:
    assert own.getLanguage(userId="me").execute() == {"displayLanguage": "en"}
    assert own.getVacation(userId="me").execute()["enableAutoReply"] is False
    assert own.getImap(userId="me").execute()["expungeBehavior"] == "archive"
    assert own.getPop(userId="me").execute()["accessWindow"] == "disabled"
    assert own.getAutoForwarding(userId="me").execute() == {"enabled": False}
    (alias,) = own.sendAs().list(userId="me").execute()["sendAs"]
    assert (alias["sendAsEmail"], alias["isPrimary"], alias["isDefault"]) == (ME, True, True)
    for kind in (own.filters(), own.forwardingAddresses(), own.delegates()):
        assert kind.list(userId="me").execute() == {}


def test_what_is_set_is_kept(own: Any) -> None:
    body = {"displayLanguage": "ru"}
    assert own.updateLanguage(userId="me", body=body).execute() == body
    own.updateVacation(
        userId="me", body={"enableAutoReply": True, "responseSubject": "x"}
    ).execute()
    got = own.getVacation(userId="me").execute()
    assert (got["enableAutoReply"], got["responseSubject"]) == (True, "x")
    own.sendAs().patch(userId="me", sendAsEmail=ME, body={"signature": "<b>Hi</b>"}).execute()
    got = own.sendAs().get(userId="me", sendAsEmail=ME).execute()
    assert (got["signature"], got["isPrimary"]) == ("<b>Hi</b>", True)


def test_filters(own: Any) -> None:
    body = {"criteria": {"from": "a@b.example"}, "action": {"addLabelIds": ["STARRED"]}}
    made = own.filters().create(userId="me", body=body).execute()
    assert made == {"id": made["id"], **body}
    assert own.filters().list(userId="me").execute() == {"filter": [made]}
    again = own.filters().create(userId="me", body=body)
    assert refusal(again) == (400, "failedPrecondition", "Filter already exists")
    for lacking in ({"criteria": body["criteria"]}, {"action": body["action"]}):
        assert refusal(own.filters().create(userId="me", body=lacking))[0] == 400
    unknown = {**body, "action": {"addLabelIds": ["Label_99"]}}
    assert refusal(own.filters().create(userId="me", body=unknown))[2] == "Invalid label: Label_99"
    own.filters().delete(userId="me", id=made["id"]).execute()
    assert refusal(own.filters().get(userId="me", id=made["id"]))[0] == 404


def test_forwarding_needs_a_confirmed_address(own: Any) -> None:
    on = {"enabled": True, "emailAddress": "lead@example.com", "disposition": "leaveInInbox"}
    assert refusal(own.updateAutoForwarding(userId="me", body=on))[1] == "failedPrecondition"
    body = {"forwardingEmail": "lead@example.com"}
    made = own.forwardingAddresses().create(userId="me", body=body).execute()
    assert made["verificationStatus"] == "accepted"
    assert own.updateAutoForwarding(userId="me", body=on).execute() == on
    outside = {"forwardingEmail": "x@acme.example"}
    made = own.forwardingAddresses().create(userId="me", body=outside).execute()
    assert made["verificationStatus"] == "pending"


def test_only_a_service_account_shares_a_mailbox(api: Api) -> None:
    """R: an authorised user is refused."""
    body = {"delegateEmail": "lead@example.com"}
    answer = api("POST", "/gmail/v1/users/me/settings/delegates", json=body, user=ME)
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == (
        "Access restricted to service accounts that have been delegated domain-wide authority"
    )


def test_delegates(own: Any) -> None:
    made = own.delegates().create(userId="me", body={"delegateEmail": "lead@example.com"}).execute()
    assert own.delegates().list(userId="me").execute() == {"delegates": [made]}
    own.delegates().delete(userId="me", delegateEmail="lead@example.com").execute()
    assert own.delegates().list(userId="me").execute() == {}
    assert refusal(own.delegates().create(userId="me", body={"delegateEmail": "x@y.z"}))[0] == 400


def test_aliases(own: Any) -> None:
    body = {"sendAsEmail": "Sales@acme.example", "displayName": "Sales"}
    made = own.sendAs().create(userId="me", body=body).execute()
    assert (made["sendAsEmail"], made["verificationStatus"]) == ("sales@acme.example", "pending")
    name = {"userId": "me", "sendAsEmail": "sales@acme.example"}
    own.sendAs().verify(**name).execute()
    assert own.sendAs().update(**name, body={"isDefault": True}).execute()["isDefault"] is True
    assert own.sendAs().get(userId="me", sendAsEmail=ME).execute()["isDefault"] is False
    own.sendAs().delete(**name).execute()
    assert refusal(own.sendAs().get(**name))[0] == 404
    assert refusal(own.sendAs().delete(userId="me", sendAsEmail=ME))[0] == 400


def test_watching_lasts_a_week(gmail: Any, box: Box, control: Callable[..., Any]) -> None:
    """G: "`watch` lasts 7 days at most"."""
    box.world.clock.freeze()
    now_ms = int(box.world.clock.now().timestamp() * 1000)
    body = {"topicName": TOPIC, "labelIds": ["INBOX"]}
    answer = gmail.users().watch(userId="me", body=body).execute()
    assert int(answer["expiration"]) - now_ms == 7 * 86_400_000
    profile = gmail.users().getProfile(userId="me").execute()
    assert answer["historyId"] == profile["historyId"]
    assert control("GET", "world")["watched_mailboxes"][ME]["topicName"] == TOPIC
    gmail.users().stop(userId="me").execute()
    assert control("GET", "world")["watched_mailboxes"] == {}


def test_topics_of_other_projects_are_refused(gmail: Any) -> None:
    """R."""
    call = gmail.users().watch(userId="me", body={"topicName": "projects/x/topics/y"})
    assert refusal(call) == (
        400,
        "invalidArgument",
        "Invalid topicName does not match projects/sandbox-project/topics/*",
    )


def test_colours_of_labels_are_from_the_palette(gmail: Any) -> None:
    labels = gmail.users().labels()
    color = {"textColor": "#ffffff", "backgroundColor": "#fb4c2f"}
    made = labels.create(userId="me", body={"name": "a", "color": color}).execute()
    assert made["color"] == color
    wrong = {"name": "b", "color": {"textColor": "#ffffff", "backgroundColor": "#ff0000"}}
    assert refusal(labels.create(userId="me", body=wrong)) == (
        400,
        "invalidArgument",
        "Label color #ff0000 is not on the allowed color palette",
    )
