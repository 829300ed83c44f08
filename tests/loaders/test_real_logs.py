"""Every trajectory log of the collection loads without a flag or mapping; every other table is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from explorer.errors import InputError
from loaders.base import ReadRequest
from loaders.registry import claims, combine, open_dataset, preview, read_source
from tests.loaders.support import read

pytestmark = pytest.mark.real_data

AGENTDOJO = ("suite_name", "user_task_id", "injection_task_id", "attack_type")
TAU2 = ("domain", "agent_implementation", "task_id")
# file, loader, trajectories, steps, dead, key
LOGS = [
    ("agentdojo/claude-3-haiku-20240307", "messages", 455, 1942, 0, AGENTDOJO),
    ("agentdojo/claude-3-opus-20240229", "messages", 455, 845, 207, AGENTDOJO),
    ("agentdojo/gpt-4o-2024-05-13", "messages", 455, 1745, 0, AGENTDOJO),
    ("agentdojo/gpt-4o-mini-2024-07-18", "messages", 455, 1882, 0, AGENTDOJO),
    ("agentdojo/meta-llama_Llama-3.3-70B-Instruct", "messages", 783, 2851, 0, AGENTDOJO),
    ("agentdojo/variants/banking__gpt-4o-2024-05-13__naive_struct", "messages", 169, 655, 0, None),
    ("agentdojo/variants/banking__gpt-4o-mini-2024-07-18__naive_struct", "messages", 169, 704, 0, None),
    ("format_zoo/sweagent_demonstrations", "action_observation", 22, 232, 0, None),
    ("intercode/gpt-3.5", "parallel_lists", 147, 921, 0, ("dataset", "task_id")),
    ("intercode/gpt-4", "parallel_lists", 200, 1176, 0, ("dataset", "task_id")),
    ("intercode/vicuna", "parallel_lists", 200, 1597, 0, ("dataset", "task_id")),
    ("mint-bench/Meta-Llama-3-70B-Instruct", "text_calls", 586, 2034, 0, ("dataset", "task.task_id")),
    ("mint-bench/Meta-Llama-3-8B-Instruct", "text_calls", 586, 2137, 0, ("dataset", "task.task_id")),
    ("openagentsafety/claude-sonnet", "event_stream", 55, 769, 0, ("instance_id",)),
    ("openagentsafety/deepseek_r1", "event_stream", 67, 428, 0, ("instance_id",)),
    ("openagentsafety/deepseek_v3", "event_stream", 66, 504, 0, ("instance_id",)),
    ("openagentsafety/gpt-4o", "event_stream", 68, 781, 0, ("instance_id",)),
    ("openagentsafety/o3-mini", "event_stream", 66, 470, 0, ("instance_id",)),
    ("tau-bench/gpt-4o-airline", "messages", 200, 2454, 0, ("task_id",)),
    ("tau2-bench/sft_pairs/gpt-4.1-ft-tau2-full-sft", "messages", 140, 2571, 0, TAU2),
    ("tau2-bench/sft_pairs/gpt-4.1", "messages", 140, 2202, 0, TAU2),
]
REFUSED = [
    "agentdojo/task_prompts", "commands/commands", "openagentsafety/tasks", "refusals/refusal_direction_completions",
]  # fmt: skip


@pytest.mark.parametrize(("name", "loader", "trajectories", "steps", "dead", "key"), LOGS, ids=[log[0] for log in LOGS])
def test_a_log_loads_without_flags(
    real_data: Path,
    tmp_path: Path,
    name: str,
    loader: str,
    trajectories: int,
    steps: int,
    dead: int,
    key: tuple[str, ...] | None,
) -> None:
    report, dataset = read(tmp_path, real_data / f"{name}.parquet")
    assert {file.loader for file in report.files} == {loader}
    assert (dataset.n_trajectories, dataset.n_steps) == (trajectories, steps)
    assert report.quality.rows_rejected == 0
    assert int(dataset.dead.sum()) == dead
    assert len(set(dataset.trajectory_ids)) == trajectories
    if key is not None:
        assert report.task_columns == key
    assert all(
        dataset.request(t) for t in range(trajectories) if dataset.end.of(t) != "empty" and _is_asked(dataset, t)
    )


def _is_asked(dataset: object, trajectory: int) -> bool:
    """tau2's solo agents get a ticket that the log does not show; everybody else is asked something."""
    values = dataset.log_values(trajectory)  # type: ignore[attr-defined]  # a Dataset
    return values.get("agent_implementation") != "llm_agent_solo"


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_without_trajectories_is_refused_with_what_was_found_and_looked_for(
    real_data: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, real_data / f"{name}.parquet")
    assert "Columns found" in caught.value.what
    assert "Looked for" in caught.value.what
    assert caught.value.todo


def test_every_log_has_one_clear_claim(real_data: Path) -> None:
    for name, loader, *_ in LOGS:
        first, second = claims(real_data / f"{name}.parquet")[:2]
        assert first.loader == loader
        assert first.score > second.score, name


def test_a_folder_with_other_tables_is_read_and_the_others_are_counted(real_data: Path, tmp_path: Path) -> None:
    report, dataset = read(tmp_path, real_data / "openagentsafety")
    assert sorted(report.groups) == ["claude-sonnet", "deepseek_r1", "deepseek_v3", "gpt-4o", "o3-mini"]
    assert report.quality.rows_rejected == 68
    assert report.candidate_keys[0].columns == ("instance_id",)
    assert dataset.n_trajectories == 322


@pytest.mark.parametrize(
    ("teacher", "student", "paired"),
    [
        ("agentdojo/gpt-4o-2024-05-13", "agentdojo/gpt-4o-mini-2024-07-18", "455 of 455"),
        ("openagentsafety/claude-sonnet", "openagentsafety/gpt-4o", "55 of 68"),
        ("tau2-bench/sft_pairs/gpt-4.1", "tau2-bench/sft_pairs/gpt-4.1-ft-tau2-full-sft", "140 of 140"),
        ("intercode/gpt-4", "intercode/gpt-3.5", "147 of 200"),
        ("mint-bench/Meta-Llama-3-70B-Instruct", "mint-bench/Meta-Llama-3-8B-Instruct", "586 of 586"),
    ],
)
def test_pairs_meet_by_the_inferred_key(
    real_data: Path, tmp_path: Path, teacher: str, student: str, paired: str
) -> None:
    report, _ = read(tmp_path, real_data / f"{teacher}.parquet", real_data / f"{student}.parquet")
    assert report.candidate_keys[0].sentence == paired
    assert report.candidate_keys[0].repeats == 0


def test_trials_are_kept(real_data: Path, tmp_path: Path) -> None:
    _, dataset = read(tmp_path, real_data / "tau-bench/gpt-4o-airline.parquet")
    assert Counter(dataset.trial.tolist()) == {0: 50, 1: 50, 2: 50, 3: 50}
    assert len(dataset.task.names) == 50
    assert dataset.group.names == ("gpt-4o-airline",)


def test_a_local_model_is_named_by_its_file(real_data: Path, tmp_path: Path) -> None:
    report, _ = read(tmp_path, real_data / "agentdojo/meta-llama_Llama-3.3-70B-Instruct.parquet")
    assert list(report.groups) == ["meta-llama_Llama-3.3-70B-Instruct"]


def test_null_padded_arguments_hold_only_what_was_given(real_data: Path, tmp_path: Path) -> None:
    _, padded = read(
        tmp_path,
        real_data / "agentdojo/variants/banking__gpt-4o-2024-05-13__naive_struct.parquet",
        task=TASK_OF_BANKING,
    )
    _, plain = read(tmp_path, real_data / "agentdojo/gpt-4o-2024-05-13.parquet", task=("suite_name", *TASK_OF_BANKING))
    tasks = {plain.task.of(t): t for t in range(plain.n_trajectories)}
    compared = 0
    for trajectory in range(padded.n_trajectories):
        other = tasks[f'["banking",{(padded.task.of(trajectory) or "")[1:]}']
        if padded.lengths[trajectory] != plain.lengths[other]:
            continue
        for mine, theirs in zip(padded.rows(trajectory), plain.rows(other), strict=True):
            assert padded.tool.of(mine) == plain.tool.of(theirs)
            assert _keys(padded.step_text(mine).arguments) == _keys(plain.step_text(theirs).arguments)
            compared += 1
    assert compared > 500


TASK_OF_BANKING = ("user_task_id", "injection_task_id")


def _keys(arguments: str | None) -> list[str]:
    import json

    if arguments is None or not arguments.startswith("{"):
        return []
    return sorted(key for key, value in json.loads(arguments).items() if value is not None)


def test_only_the_agents_calls_are_steps(real_data: Path, tmp_path: Path) -> None:
    _, dataset = read(tmp_path, real_data / "tau2-bench/sft_pairs/gpt-4.1.parquet")
    # Alone, the agent works the phone itself; with a user, only the user does.
    with_user = [t for t in range(dataset.n_trajectories) if _is_asked(dataset, t)]
    tools = {dataset.tool.of(row) for t in with_user for row in dataset.rows(t)}
    assert "refuel_data" in tools
    assert "toggle_airplane_mode" not in tools
    said = Counter(turn.speaker for t in range(dataset.n_trajectories) for turn in dataset.turns_of(t))
    assert said["tool"] == 482


def test_the_request_behind_a_pointer_is_shown_with_a_mark(real_data: Path, tmp_path: Path) -> None:
    _, dataset = read(tmp_path, real_data / "openagentsafety/claude-sonnet.parquet")
    requests = [dataset.request(t) for t in range(dataset.n_trajectories)]
    marked = [text for text in requests if "as the agent read it in step" in text]
    assert len(marked) == 55
    assert not any("     1\t" in text for text in marked)


def test_worked_examples_in_a_prompt_are_no_steps(real_data: Path, tmp_path: Path) -> None:
    _, dataset = read(tmp_path, real_data / "mint-bench/Meta-Llama-3-70B-Instruct.parquet")
    for trajectory in range(0, dataset.n_trajectories, 25):
        assert "Assistant:" not in dataset.request(trajectory)
        assert "<execute>" not in dataset.request(trajectory)
    proposed = sum(
        int(v or 0) for v in dataset.trajectories["log.state.agent_action_count.propose_solution"].to_pylist()
    )
    finished = sum(1 for code in dataset.kind.codes if dataset.kind.names[code] == "finish")
    assert finished == proposed


def test_shell_steps_hold_the_command_itself(real_data: Path, tmp_path: Path) -> None:
    _, dataset = read(tmp_path, real_data / "openagentsafety/gpt-4o.parquet")
    shell = [row for row in range(dataset.n_steps) if dataset.kind.of(row) == "shell"]
    assert len(shell) == 250
    assert not any((dataset.step_text(row).arguments or "").startswith("{") for row in shell)
    outcomes = Counter(dataset.outcome.of(row) for row in shell)
    assert outcomes["failed"] > 0
    assert outcomes["unknown"] > 0


def test_a_different_split_of_the_files_gives_the_same_ids(real_data: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    source = real_data / "tau-bench/gpt-4o-airline.parquet"
    table = pq.read_table(source)
    (tmp_path / "moved").mkdir()
    pq.write_table(table.slice(120), tmp_path / "moved" / "part-0.parquet")
    pq.write_table(table.slice(0, 120), tmp_path / "moved" / "part-1.parquet")
    _, whole = read(tmp_path, source, group="g")
    _, split = read(tmp_path, tmp_path / "moved", group="g")
    assert sorted(whole.trajectory_ids) == sorted(split.trajectory_ids)
    assert whole.fingerprint == split.fingerprint


def test_several_sources_become_one_dataset(real_data: Path, tmp_path: Path) -> None:
    names = ("openagentsafety/claude-sonnet", "openagentsafety/gpt-4o")
    parts = []
    for number, name in enumerate(names):
        read_source(ReadRequest((str(real_data / f"{name}.parquet"),)), tmp_path / str(number))
        parts.append(open_dataset(tmp_path / str(number)))
    whole = combine(parts)
    assert whole.n_steps == sum(part.n_steps for part in parts)
    assert set(whole.group.names) == {"claude-sonnet", "gpt-4o"}
    assert len(set(whole.trajectory_ids)) == whole.n_trajectories


def test_the_reading_sheet_shows_raw_and_read_side_by_side(real_data: Path) -> None:
    sheet = preview(ReadRequest((str(real_data / "agentdojo/gpt-4o-2024-05-13.parquet"),)))
    assert sheet.loader == "messages"
    assert len(sheet.steps) == 3
    assert sheet.steps[0].tool is not None
    assert sheet.steps[0].tool in sheet.raw
    assert "messages" in sheet.columns_used
    assert sheet.columns_ignored == ("injections",)
