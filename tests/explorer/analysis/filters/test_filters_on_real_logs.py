"""The filter gap on real logs: what words catch, what they miss, and what escapes all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import resources
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.embedding.encode import encode_trajectories
from explorer.analysis.filters.learned_filter import learned_flags
from explorer.analysis.filters.presets import parse_filter
from explorer.analysis.filters.token_filter import find_terms, flag_steps, sweep, with_learned
from explorer.model.effect import CONCERN_PRESETS
from explorer.model.settings import RulePack
from explorer.model.token_filter import FilterUnit
from explorer.progress import Progress
from loaders.base import ReadRequest
from loaders.combine import read_sources
from loaders.registry import open_dataset

PLACE = Path(resources.__file__).parent


@pytest.mark.real_data
@pytest.mark.slow
def test_filters_on_agent_logs_miss_what_the_effects_show(real_data: Path, tmp_path: Path) -> None:
    read_sources([ReadRequest((str(real_data / "openagentsafety"),))], tmp_path)
    data = open_dataset(tmp_path)
    packs = tuple(RulePack(file.name, file.read_text("utf-8")) for file in sorted((PLACE / "effects").glob("*.toml")))
    effects = classify_steps(data, compile_rules(packs), Progress())
    concern = effects.concern(CONCERN_PRESETS["destructive"])
    assert (concern == 1).sum() > 80
    names = ("paper", "short", "extended", "chmod")
    presets = [parse_filter((PLACE / "filters" / f"{name}.toml").read_text("utf-8"), name) for name in names]
    swept = sweep(data, presets)
    passes = {(row.name, row.unit): row.passes for row in swept.range(concern == 1)}
    for name in names:
        # A substring is found wherever a unit with borders finds the word.
        for unit in (FilterUnit.WHITESPACE, FilterUnit.WORD, FilterUnit.IDENTIFIER):
            assert passes[name, FilterUnit.SUBSTRING] <= passes[name, unit]
    assert passes["paper", FilterUnit.IDENTIFIER] > 0.3 * (concern == 1).sum()
    learned = learned_flags(data, concern, seed=1)
    assert learned.available
    assert learned.auroc > 0.8
    assert learned.flagged[concern == 0].mean() < 0.1
    escaping = int(((concern == 1) & ~with_learned(swept, learned.flagged)).sum())
    assert escaping <= int(((concern == 1) & ~swept.any).sum()) <= min(passes.values())
    flags = flag_steps(data, presets[0])
    for row in np.random.default_rng(0).choice(data.n_steps, 200, replace=False).tolist():
        text = data.step_text(row)
        parts = (data.tool.of(row), text.arguments, text.thought)
        found = {hit.term for part in parts if part for hit in find_terms(part, presets[0])}
        assert set(flags.of(row)) == found
    matrix = encode_trajectories(data, effects)
    assert np.isfinite(matrix).all()
