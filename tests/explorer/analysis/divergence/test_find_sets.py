"""Conditions of a search as sets: never a part that is none, held against a small tree of files that a plain reading
of the same conditions is asked about."""

from __future__ import annotations

import fnmatch
import math
from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.divergence.find_sets import Relation, Search, added_conditions, read_search, selects

Drawn = tuple[Search, str, list[list[str]]]
_SWAPPED = {Relation.SUBSET: Relation.SUPERSET, Relation.SUPERSET: Relation.SUBSET}
_IN = (Relation.SAME, Relation.SUBSET)
_DAY = 1440


class File(NamedTuple):
    path: str
    type: str
    size: int
    age: float
    """In minutes."""

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


_NAMES = ("a.log", "A.LOG", "b.log", "ab.tmp", "log", ".x")
_SIZES = (0, 1, 512, 513, 1024, 1025, 2049)
_AGES = (0, 4.5, 5, 5.5, 6, _DAY - 1, _DAY, 2 * _DAY, 5 * _DAY, 6 * _DAY + 1)
FILES = [
    File(f"{folder}/{name}", kind, size, age)
    for (folder, name), (kind, (size, age)) in zip(
        list(product(("/s", "/s/d", "/s/d/e"), _NAMES)) * 24,
        list(product("fdl", product(_SIZES, _AGES))) * 3,
        strict=False,
    )
]


def found(start: str, condition: str, file: File) -> bool:
    """Whether a condition holds for a file, by the words of the manual."""
    words = condition.replace("'", "").split()
    if words[0] == "!":
        return not found(start, condition[2:], file)
    test, value = words[0], words[-1]
    depth = file.path.removeprefix(start).count("/")
    number = int(value.strip("+-ckM")) if value.strip("+-ckM").isdigit() else 0
    if test == "-maxdepth":
        return depth <= number
    if test == "-mindepth":
        return depth >= number
    if test == "-type":
        return file.type in value.split(",")
    if test == "-name":
        return fnmatch.fnmatchcase(file.name, value)
    if test == "-iname":
        return fnmatch.fnmatchcase(file.name.lower(), value.lower())
    if test == "-path":
        return fnmatch.fnmatchcase(file.path, value)
    if test == "-user":
        return file.size % 2 == 0
    if test == "-mmin":
        return file.age > number if value[0] == "+" else file.age < number
    measured = math.floor(file.age / _DAY)
    if test == "-size":
        measured = math.ceil(file.size / {"c": 1, "k": 1024}.get(value[-1], 512))
    return measured > number if value[0] == "+" else measured < number if value[0] == "-" else measured == number


CONDITIONS = (
    *("-type f", "-type d", "-type f,l", "! -type d", "-user me", "! -user me", "! -path '*/d/*'", "-path '*/d/*'"),
    *("-name '*.log'", "-name 'a*'", "-name 'a*.log'", "-name '[ab]*'", "-iname '*.log'", "! -name '*.log'"),
    *("-name '*'", "-name a.log", "-name '?.log'", "! -iname 'a*'", "-name '*b*'", "-iname '*'", "-iname A.log"),
    *("-mmin +5", "-mmin -5", "-mmin +1440", "-mtime +5", "-mtime 0", "-mtime -1", "! -mtime +0", "-mtime 5"),
    *("-size +1k", "-size -2k", "-size +2", "-size 1k", "-size +1024c", "! -size +1k", "-size 0"),
)
DEPTHS = ("", "-maxdepth 1", "-maxdepth 2", "-mindepth 2", "-mindepth 1 -maxdepth 2")


@st.composite
def searches(draw: st.DrawFn) -> Drawn:
    start = draw(st.sampled_from(["/s", "/s", "/s/d"]))
    depth = draw(st.sampled_from(DEPTHS)).split()
    options = [" ".join(depth[at : at + 2]) for at in range(0, len(depth), 2)]
    told = draw(st.lists(st.lists(st.sampled_from(CONDITIONS), max_size=3), min_size=1, max_size=2))
    told = [[*options, *one] or ["-true"] for one in told]
    search = read_search(" -o ".join(" ".join(one) for one in told), start)
    if search is None:  # nothing can be of two types
        told = [["-type f"]]
        search = read_search("-type f", start)
    assert search is not None
    return search, start, told


def hit(start: str, alternatives: list[list[str]]) -> set[File]:
    below = [file for file in FILES if file.path.startswith(start + "/")]
    return {
        file
        for file in below
        if any(all(one == "-true" or found(start, one, file) for one in units) for units in alternatives)
    }


@given(searches(), searches())
def test_what_is_told_holds_on_a_tree_of_files(one: Drawn, other: Drawn) -> None:
    mine, theirs = hit(*one[1:]), hit(*other[1:])
    relation = selects(one[0], other[0])
    if relation == Relation.SAME:
        assert mine == theirs
    elif relation == Relation.SUBSET:
        assert mine <= theirs
    elif relation == Relation.SUPERSET:
        assert mine >= theirs
    elif relation == Relation.DISJOINT:
        assert not mine & theirs


@given(searches(), searches(), searches())
def test_it_is_an_order(
    first: Drawn,
    second: Drawn,
    third: Drawn,
) -> None:
    one, two, last = first[0], second[0], third[0]
    assert selects(one, one) == Relation.SAME
    relation = selects(one, two)
    assert selects(two, one) == _SWAPPED.get(relation, relation)
    if relation in _IN and selects(two, last) in _IN:
        assert selects(one, last) in (*_IN, Relation.DISJOINT)


@given(searches(), st.sampled_from(CONDITIONS))
def test_a_condition_more_selects_a_part(search: Drawn, more: str) -> None:
    whole, start, told = search
    part = read_search(" -o ".join(" ".join([*one, more]) for one in told), start)
    assert part is None or selects(part, whole) in (*_IN, Relation.DISJOINT)


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("-mtime +9", "-mtime +5", "subset"),
        ("-mtime +5", "-mmin +5", "subset"),
        ("-mmin +5", "-mtime +5", "superset"),
        ("-mtime +5", "-mmin -5", "disjoint"),
        ("-mtime +5", "-atime +5", "unknown"),
        ("-size +1M", "-size +1k", "subset"),
        ("-name '*.log'", "-name '*.tmp'", "disjoint"),
        ("-name '*.log'", "-iname '*.LOG'", "subset"),
        ("-perm 600", "-perm 644", "unknown"),
        ("-name a -o -name b", "-name a", "superset"),
        ("-name '*a*b*c*d*e*'", "-name '*a*b*c*d*'", "subset"),
        ("-name '*'", "-name '*a*b*c*d*e*'", "superset"),
        (r"-name 'a\*'", "-name 'a*'", "unknown"),
        ("-daystart -mtime +5", "-mtime +5", "unknown"),
        ("-type f | grep a", "-type f", "subset"),
        ("-type f | head -n 3", "-type f | head -n 3", "same"),
        ("-empty -type f | head -n 3", "-type f | head -n 3", "unknown"),
    ],
)
def test_conditions_are_compared_as_sets(one: str, other: str, relation: str) -> None:
    first, second = read_search(one, "/s"), read_search(other, "/s")
    assert first is not None
    assert second is not None
    assert selects(first, second) == relation


@pytest.mark.parametrize(
    "selection",
    [
        "/t -type f",
        "-type f but for -name x",
        "-type f | sed s/a/b/",
        "-name 'x",
        "-type f -type d",
        "-type f of several",
        "-maxdepth 1 -maxdepth 3",
        "-type f | grep -c x",
        "-maxdepth x",
    ],
)
def test_what_cannot_be_told_as_a_set_is_none(selection: str) -> None:
    assert read_search(selection, "/s") is None


def test_the_conditions_that_one_has_besides_are_named_as_written() -> None:
    part, whole = read_search("-maxdepth 1 ! -name a -type f", "/s"), read_search("-type f", "/s")
    assert part is not None
    assert whole is not None
    assert added_conditions("-maxdepth 1 ! -name a -type f", part, whole) == "-maxdepth 1 ! -name a"


@given(st.text("-*[]!?ab'\" |\\/", max_size=40), st.text("*[]!?ab\\", max_size=20))
def test_any_text_gives_an_answer(tests: str, pattern: str) -> None:
    search, named = read_search(tests, "/s"), read_search(f'-name "{pattern}"', "/s")
    for one in (search, named):
        for other in (search, named):
            assert one is None or other is None or isinstance(selects(one, other), Relation)
