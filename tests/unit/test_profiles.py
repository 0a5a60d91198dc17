"""The profiles: Snakemake takes settings for a rule that there is not, and says nothing."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROFILES = sorted(ROOT.glob("workflow/profiles/*/config.yaml"))
RULE = re.compile(r"^\s*(?:rule|checkpoint|use rule \w+ as) (\w+)(?: with)?:", re.MULTILINE)
RULES = {
    name
    for path in [ROOT / "workflow/Snakefile", *ROOT.glob("workflow/rules/*.smk")]
    for name in RULE.findall(path.read_text())
}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.parent.name)
def test_settings_are_of_rules_that_there_are(profile):
    settings = yaml.safe_load(profile.read_text())
    named = {rule for key in ("set-resources", "set-threads") for rule in settings.get(key) or {}}
    assert named <= RULES


def test_the_rules_are_found():
    assert {"train", "train_teacher", "score_asr", "split", "word_vectors"} <= RULES


def test_the_profile_that_snakemake_takes_by_itself_shows_why_a_job_failed():
    settings = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text())
    assert settings == {"show-failed-logs": True}
