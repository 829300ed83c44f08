import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.experiment.file_system import LOCKED, FileSystem, FileSystemError, Node, normalised, parent_of


def small() -> FileSystem:
    files = FileSystem()
    files.make_directories("/a/b")
    files.write("/a/one", Node("1"))
    files.write("/a/b/two", Node("2"))
    files.write("/a/fixed", Node("3", locked=True))
    return files


@given(st.text("ab./ ", max_size=30))
def test_normalising_is_idempotent_and_absolute(path: str) -> None:
    once = normalised(path)
    assert once.startswith("/")
    assert normalised(once) == once
    assert ".." not in once.split("/")


def test_a_directory_moves_with_all_it_holds() -> None:
    files = small()
    assert files.move("/a/b", "/c") == "/c"
    assert files.node("/c/two").content == "2"
    assert "/a/b/two" not in files.nodes


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda f: f.node("/none"), "No such file"),
        (lambda f: f.delete_file("/a/b"), "Is a directory"),
        (lambda f: f.delete_file("/a/fixed"), LOCKED),
        (lambda f: f.delete_tree("/a"), LOCKED),
        (lambda f: f.change("/a/fixed", mode=0), LOCKED),
        (lambda f: f.write("/none/x", Node()), "No such file"),
        (lambda f: f.write("/a/one/x", Node()), "Not a directory"),
        (lambda f: f.write("/a/b", Node()), "Is a directory"),
        (lambda f: f.children("/a/one"), "Not a directory"),
        (lambda f: f.move("/a/b", "/a/b/c"), "subdirectory of itself"),
        (lambda f: f.move("/a/fixed", "/c"), LOCKED),
        (lambda f: f.make_directories("/a/one/x"), "Not a directory"),
    ],
)
def test_what_is_refused_changes_nothing(act: object, message: str) -> None:
    files = small()
    before = dict(files.nodes)
    with pytest.raises(FileSystemError, match=message):
        act(files)  # type: ignore[operator]  # parametrised callables
    assert files.nodes == before


def test_every_node_lies_in_a_directory_after_a_tree_is_removed() -> None:
    files = small()
    files.delete_tree("/a/b")
    assert all(files.is_directory(parent_of(path)) for path in files.nodes)
    assert "/a/b/two" not in files.nodes
