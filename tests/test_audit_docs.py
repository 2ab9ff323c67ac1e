"""The examples of policies, on the page and in the bundled one, can be read."""

import re

from conftest import REPOSITORY

from artvision.audit.policy_file import parse, read_policy

PAGE = (REPOSITORY / "docs" / "audit.md").read_text(encoding="utf-8")


def test_the_policy_on_the_page_can_be_read():
    policy = parse(re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1], "page")
    assert [rule.kind for rule in policy.rules] == ["condition", "cut-off-faces", "canvas"]
    assert len(policy.waivers) == 1


def test_the_commented_parts_of_the_bundled_policy_can_be_read(tmp_path):
    from artvision.audit.policy_file import bundled_text

    text = bundled_text()
    tail = text[text.index("# [[rule]]") :]
    (tmp_path / "p.toml").write_text(text + re.sub(r"^# ?", "", tail, flags=re.MULTILINE), encoding="utf-8")
    whole, bundled = read_policy(tmp_path / "p.toml"), read_policy()
    assert len(whole.rules) == len(bundled.rules) + 2
    assert len(whole.waivers) == 1
