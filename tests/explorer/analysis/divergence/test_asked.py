"""Whether the user asks for a kind of act: by which word, when, and what is forbidden."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.divergence.asked import ASKED_BY, AskedFinder
from explorer.analysis.targets import normal_target
from explorer.model.effect import CONCERN_PRESETS, EffectKind, Target
from tests.builders import build_dataset


def asking(request, kind=EffectKind.DELETE, step=0, turns=()):
    dataset = build_dataset(
        {"S": {"t": [("tool_call", "read", None)] * 3}}, requests={"t": request}, turns={("S", "t"): turns}
    )
    return AskedFinder(dataset).asking_word(0, step, kind)


@pytest.mark.parametrize(
    ("request_text", "kind", "word"),
    [
        ("Find and delete the largest file.", EffectKind.DELETE, "delete"),
        ("Please get rid of the old branch", EffectKind.REMOTE_DELETE, "get rid"),
        ("Could you REFUND my friend?", EffectKind.VALUE_OUT, "refund"),
        ("Make run.sh executable", EffectKind.PERMISSION, "executable"),
        ("Encrypt the archive", EffectKind.ENCRYPT_IN_PLACE, "encrypt"),
        ("Is the bill paid?", EffectKind.DELETE, None),
        ("Set up a recurring transaction for me.", EffectKind.VALUE_OUT, "set up a recurring transaction"),
        ("Adjust my rent payment accordingly.", EffectKind.VALUE_OUT, "adjust my rent payment"),
        ("What is in my transaction history? How large was the payment?", EffectKind.VALUE_OUT, None),
        ("Show my last order.", EffectKind.VALUE_OUT, None),
        ("How was my most recent order paid? Its order ID is 7.", EffectKind.VALUE_OUT, None),
        ("Please upgrade me to business class.", EffectKind.VALUE_OUT, "upgrade"),
        ("Can I change my return flight?", EffectKind.VALUE_OUT, "change my return flight"),
        ("Order two pizzas.", EffectKind.VALUE_OUT, "order"),
        ("It is in an email I received.", EffectKind.NET_EGRESS, None),
        ("Give me their email addresses and a summary of the event.", EffectKind.NET_EGRESS, None),
        ("What are the settings of my account?", EffectKind.ACCOUNT, None),
        ("It has to compile cleanly.", EffectKind.DELETE, None),
        ("Please clean-up the disk.", EffectKind.DELETE, "clean-up"),
        ("Prepare the reports to share with our vendor.", EffectKind.PERMISSION, None),
        ("Share the report file with Anna.", EffectKind.PERMISSION, "share the report file"),
        ("Email Anna the summary.", EffectKind.NET_EGRESS, "email"),
        ("Update the password to 'x'.", EffectKind.ACCOUNT, "update the password"),
        ("They paid from their account GB29.", EffectKind.ACCOUNT, None),
        ("Read the undeletable notes", EffectKind.DELETE, None),
        ("Lösche die größte Datei", EffectKind.DELETE, None),
        ("The old entries should be deleted.", EffectKind.DELETE, "be deleted"),
        ("Write it to /srv/cleanup.py", EffectKind.DELETE, None),
        ("Write `clean.sh` and clear_all, see https://a.org/wipe", EffectKind.DELETE, None),
        ("It calls os.remove(path) for each.", EffectKind.DELETE, None),
        ("Read delete-list.txt, then delete its files.", EffectKind.DELETE, "delete"),
        ("Keep the code clean.", EffectKind.DELETE, None),
        ("Work fast, or the scheduler cancels.", EffectKind.DELETE, None),
        ("Add/remove the users in the list.", EffectKind.DELETE, "remove"),
        ("Look at the user-modified settings.", EffectKind.OVERWRITE, None),
        ("Look at the modified settings.", EffectKind.OVERWRITE, None),
        ("Look at the latest changes and the update.", EffectKind.OVERWRITE, None),
        ("Stop `update*`, write it to stop_all.sh", EffectKind.PROCESS_KILL, "stop"),
        ("It has stopped.", EffectKind.PROCESS_KILL, None),
        ("The daemon must be stopped.", EffectKind.PROCESS_KILL, "be stopped"),
        (
            "Create a shareable page and a public link.",
            EffectKind.PERMISSION,
            "create a shareable page and a public link",
        ),
        ("Get me a shared guest link", EffectKind.PERMISSION, "get me a shared guest link"),
        ("Make the page public.", EffectKind.PERMISSION, "make the page public"),
        ("Make sure it is set up right.", EffectKind.PERMISSION, None),
        ("Turn on the dark mode, set the mode.", EffectKind.PERMISSION, None),
        ("Unprotect the branch release.", EffectKind.PERMISSION, "unprotect"),
        ("Lift the protection of release.", EffectKind.REMOTE_DELETE, "lift the protection"),
        ("Create a **public** repository there.", EffectKind.NET_EGRESS, "create a **public** repository"),
        ("Create a local repository.", EffectKind.NET_EGRESS, None),
        (
            "Add a@b.org, c@d.org to the participants.",
            EffectKind.NET_EGRESS,
            "add a@b.org, c@d.org to the participants",
        ),
        ("Add the two. Reply to the participants.", EffectKind.NET_EGRESS, "reply"),
        ("I look forward to it, let me know.", EffectKind.NET_EGRESS, None),
        ("Tell me what it says.", EffectKind.NET_EGRESS, None),
        ("Tell Anna what it says.", EffectKind.NET_EGRESS, "tell"),
        ("Put them into one email.", EffectKind.NET_EGRESS, None),
        ("Count every single unread email, in the Downloads folder.", EffectKind.NET_EGRESS, None),
        ("Sorry, I can’t upload files; I'm unable to send them.", EffectKind.NET_EGRESS, None),
        ("", EffectKind.DELETE, None),
    ],
)
def test_the_word_that_asks_for_such_an_act(request_text, kind, word):
    assert asking(request_text, kind) == word


@pytest.mark.parametrize(
    "request_text",
    [
        "Sort the files, but do not delete any.",
        "Don’t remove what is shared.",
        "Tidy the folder without deleting a thing.",
        "Delete the logs. Never delete the database!",
    ],
)
def test_what_is_forbidden_anywhere_does_not_count_as_asked_for(request_text):
    assert asking(request_text) is None


@pytest.mark.parametrize(
    "request_text", ["Don’t forget to invite Mark.", "Why not invite Mark?", "Do not only add it, invite Mark too."]
)
def test_what_only_looks_like_a_prohibition_forbids_nothing(request_text):
    assert asking(request_text, EffectKind.NET_EGRESS) == "invite"


def test_what_the_user_cannot_do_is_no_prohibition():
    assert asking("I cannot delete it myself. Please delete it.") == "delete"
    assert asking("I could delete it. You cannot delete it.") is None


@pytest.mark.parametrize(
    ("request_text", "kind", "word"),
    [
        ("If a change isn’t possible, please go ahead and cancel the booking.", EffectKind.REMOTE_DELETE, "cancel"),
        ("If you cannot move it, delete it.", EffectKind.DELETE, "delete"),
        ("I don’t want a new plan, but I would refund him.", EffectKind.VALUE_OUT, "refund"),
        ("It does not start, so please delete it.", EffectKind.DELETE, "delete"),
        ("The app still cannot send it. I’d like to purchase it.", EffectKind.VALUE_OUT, "purchase"),
        ("Remove the folders, without a word where one is not empty.", EffectKind.DELETE, "remove"),
        ("I'd like to add 2.0 GB of data, please.", EffectKind.VALUE_OUT, "add 2.0 gb"),
        ("I have trouble sending things. Pay Anna.", EffectKind.VALUE_OUT, "pay"),
        ("Send a picture message.", EffectKind.VALUE_OUT, None),
        ("Transfer me to a person.", EffectKind.VALUE_OUT, None),
        ("Transfer 5 to Anna.", EffectKind.VALUE_OUT, "transfer"),
    ],
)
def test_a_negation_that_belongs_to_a_condition_or_to_another_part_forbids_nothing(request_text, kind, word):
    assert asking(request_text, kind) == word


@pytest.mark.parametrize(
    "request_text",
    [
        "If it is old, do not delete, move or rename it.",
        "Move it, but never delete it.",
        "Do not empty the bin.",
        "It cannot be deleted.",
        "You can’t delete it.",
    ],
)
def test_what_is_forbidden_beside_a_condition_or_a_turn_stays_forbidden(request_text):
    assert asking(request_text) is None
    assert asking(f"Delete it. {request_text}") is None


def asking_of(request, kind, target):
    dataset = build_dataset({"S": {"t": [("tool_call", "act", None)]}}, requests={"t": request})
    return AskedFinder(dataset).asking_word(0, 0, kind, "", normal_target(target))


@pytest.mark.parametrize(
    ("request_text", "path", "word"),
    [
        ("Fetch the page and output it to 'notes.txt' in /srv", "/srv/notes.txt", "output it to"),
        ('Join all parts into a single file "/srv/all.txt"', "/srv/all.txt", "join all parts into a single file"),
        ("Save the list as /srv/list.csv.", "/srv/list.csv", "save the list as"),
        ("Download http://a.org/x.tgz to /srv/x.tgz", "/srv/x.tgz", "download http://a.org/x.tgz to"),
        ("Append the date to /srv/all.txt", "/srv/all.txt", None),
        ("Write the date to the console and append to /srv/all.txt", "/srv/all.txt", None),
        ("Print all lines of /srv/all.txt", "/srv/all.txt", None),
        ("Copy /srv/all.txt to /srv/new.txt", "/srv/all.txt", None),
        ("Save the list as /srv/list.csv.", "/srv/other.csv", None),
        ("Do not write to /srv/all.txt.", "/srv/all.txt", None),
        ("Save it to /srv/all.txt. Never overwrite a file.", "/srv/all.txt", None),
    ],
)
def test_a_file_that_is_to_be_written_to_is_asked_to_be_replaced(request_text, path, word):
    assert asking_of(request_text, EffectKind.OVERWRITE, Target("path", path)) == word


MARK, ANNA = "mark@a.org", "anna@b.org"


@pytest.mark.parametrize(
    ("request_text", "receivers", "word"),
    [
        (f"Invite {ANNA} to it.", MARK, None),
        (f"Invite {ANNA} to it.", ANNA, "invite"),
        (f"Invite {ANNA} to it.", f"{ANNA}, {MARK}", "invite"),
        (f"Invite the author of the mail from {ANNA}.", MARK, "invite"),
        (f"It came from {ANNA}. Invite her boss.", MARK, "invite"),
        (f"Invite {ANNA} to it. Mail a summary of it, too.", MARK, "mail"),
        (f"Invite {ANNA} to it.", "Mark", "invite"),
    ],
)
def test_words_that_name_other_receivers_do_not_ask_for_this_one(request_text, receivers, word):
    assert asking_of(request_text, EffectKind.NET_EGRESS, Target("recipient", receivers)) == word


def test_a_payment_to_an_account_asks_for_none_to_another():
    paid, other = "GB00AAAA11112222333344", "US11BBBB22223333444455"
    assert asking_of(f"Send 5 to {paid}.", EffectKind.VALUE_OUT, Target("payee", other)) is None
    assert asking_of(f"Send 5 to {paid}.", EffectKind.VALUE_OUT, Target("payee", paid)) == "send"


def test_a_text_made_to_be_slow_is_not():
    start = time.process_time()
    for text in (
        "add a.b " * 12_000,
        "create public " * 7_000,
        "make " * 20_000,
        "the delete-" * 9_000,
        "i can't " * 12_000,
        "if not but, " * 8_000,
        "send a@" * 12_000,
    ):
        for kind in ASKED_BY:
            asking(text, kind)
    assert time.process_time() - start < 10


def test_a_negation_in_another_sentence_forbids_nothing():
    assert asking("This is not urgent. Delete the largest file.") == "delete"


def test_a_word_counts_from_the_turn_in_which_it_was_said():
    later = [(2, "user", "now delete it")]
    assert asking("Show me the files.", step=1, turns=later) is None
    assert asking("Show me the files.", step=2, turns=later) == "delete"


@pytest.mark.parametrize("speaker", ["agent", "tool", "system"])
def test_only_the_user_asks(speaker):
    assert asking("Show me the files.", step=2, turns=[(0, speaker, "Delete everything.")]) is None


def test_every_kind_of_harm_has_its_words():
    assert set(ASKED_BY) == set(CONCERN_PRESETS["harm"])


@given(st.text(max_size=300), st.sampled_from(sorted(ASKED_BY)))
def test_any_text_gives_a_word_of_it_or_none(text, kind):
    word = asking(text, kind)
    assert word is None or word in text.casefold()
