"""Discovery and order of stages, and what every real stage must keep to."""

import ast
import inspect
import pickle
import subprocess
import sys

import pytest
from fakes import FakeStage, LateStage

from artvision import stages
from artvision.errors import DefinitionError, UsageError
from artvision.settings import Settings

STARTER = Settings(model="starter")
EVERY = stages.discover()


def late(**changes):
    return type("Other", (LateStage,), changes)


def test_a_name_claimed_twice_names_both_files():
    with pytest.raises(DefinitionError, match=r"two stages are called 'fake'.*fakes\.py"):
        stages.arrange([FakeStage, type("Twin", (FakeStage,), {})])


def test_a_later_stage_is_appended_whatever_its_name():
    early, new = late(name="zebra", since="1.0.0"), late(name="aardvark", since="1.10.0")
    between = late(name="bee", since="1.9.0")
    assert [stage.name for stage in stages.arrange([new, between, early])] == ["zebra", "bee", "aardvark"]


def test_run_order_puts_upstream_first():
    one, two = FakeStage(STARTER), LateStage(STARTER)
    assert [stage.name for stage in stages.run_order([two, one])] == ["fake", "late"]


def test_a_missing_need_and_a_circle_are_errors():
    with pytest.raises(UsageError, match="needs fake"):
        stages.run_order([LateStage(STARTER)])
    with pytest.raises(DefinitionError, match="circle"):
        stages.run_order([late(name="fake", needs=("late",))(STARTER), LateStage(STARTER)])


def test_a_stage_goes_after_others_only_where_they_run_too():
    soft = late(needs=(), after=("fake",))
    assert [stage.name for stage in stages.run_order([soft(STARTER), FakeStage(STARTER)])] == ["fake", "late"]
    assert [stage.name for stage in stages.run_order([soft(STARTER)])] == ["late"]


def test_a_circle_of_need_and_order_is_an_error():
    with pytest.raises(DefinitionError, match="circle"):
        stages.run_order([late(name="fake", needs=(), after=("late",))(STARTER), LateStage(STARTER)])


def test_what_a_stage_goes_after_is_a_stage():
    assert {name for stage in EVERY for name in stage.after} <= {stage.name for stage in EVERY}


def test_the_stages_of_this_slice_are_found():
    assert {"clip", "faces", "light", "composition"} <= {stage.name for stage in EVERY}


@pytest.mark.parametrize("stage", EVERY, ids=lambda stage: stage.name)
class TestEveryStage:
    def test_says_what_it_is(self, stage):
        assert stage.version
        assert stage.summary
        assert inspect.getdoc(stage)

    def test_fields_have_meaning_unit_and_source(self, stage):
        for field in stage(STARTER).fields():
            assert field.meaning, field.name
            assert field.unit, field.name
            assert field.source, field.name
            assert field.low <= field.fill <= field.high, field.name

    def test_a_fresh_stage_is_small_enough_to_send_to_a_worker(self, stage):
        assert len(pickle.dumps(stage(STARTER))) < 10_000

    def test_the_fingerprint_is_stable(self, stage):
        assert stage(STARTER).fingerprint() == stage(STARTER).fingerprint()


def test_all_stages_make_one_contract():
    found = stages.contract_of([kind(STARTER) for kind in EVERY])
    assert len({slot for _, slot in found.slots}) == len(found.slots)


def test_describing_imports_no_model_library():
    code = ("import sys\nfrom artvision.settings import Settings\nfrom artvision.stages import create\n"
            "every, _ = create(Settings(model='starter'))\n"
            "[(stage.fields(), stage.columns(), stage.fingerprint(), stage.notices()) for stage in every]\n"
            "print(sorted({'torch', 'open_clip', 'facenet_pytorch', 'torchvision'} & set(sys.modules)))")  # fmt: skip
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_stages_know_nothing_of_printing_or_engines():
    for stage in EVERY:
        tree = ast.parse(inspect.getsource(inspect.getmodule(stage)))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {
            name
            for name in imported
            if name and name.startswith(("artvision.cli.", "artvision.engines", "artvision.console"))
        }
