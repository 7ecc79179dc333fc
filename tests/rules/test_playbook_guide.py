"""Every example of docs/playbook.md, applied to the built-in file as the page says, one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules.playbook import Kind, Playbook, Stage
from rules.playbook_file import BUILT_IN, PlaybookError, load_playbook
from tests.rules.books import FINE, Rows, full_rows, make_book, verdicts

PAGE = (Path(__file__).parents[2] / "docs" / "playbook.md").read_text(encoding="utf-8")
DIRECTION = re.compile(r"# (add to|change in): ([\w.]+(?: file)?)(?:, before (\w+))?$")


def parse(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def block_at(content: Any, way: str) -> Any:
    for step in way.split(".") if way != "the file" else ():
        content = content[step]
    return content


def apply(content: Any, example: str) -> None:
    """Change the playbook's content as the first line of the example says."""
    found = DIRECTION.match(example.splitlines()[0])
    assert found, example
    verb, way, before = found.groups()
    block, added = block_at(content, way), parse(example)
    assert {key in block for key in added} == {verb == "change in"} or "also" in added
    if before:
        later = list(block)[list(block).index(before) :]
        added |= {key: block.pop(key) for key in later}
    block.update(added)


def steps() -> Iterator[tuple[str, Any]]:
    content = parse(BUILT_IN.read_text(encoding="utf-8"))
    for example in EXAMPLES[1:]:
        apply(content, example)
        yield example, content


def written(path: Path, content: Any) -> Playbook:
    path.write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML, its keys in order
    return load_playbook(path)


@pytest.fixture
def changed(tmp_path: Path) -> Playbook:
    """Return the playbook with all changes of the page."""
    *_, (_, content) = steps()
    return written(tmp_path / "mine.yaml", content)


def test_every_example_leaves_a_playbook_that_can_be_used(tmp_path: Path) -> None:
    assert len(EXAMPLES) > 15
    for example, content in steps():
        try:
            written(tmp_path / "mine.yaml", content)
        except PlaybookError as error:
            pytest.fail(f"{example}\n{error}")


def test_first_example_stands_in_the_built_in_file() -> None:
    [(key, stage)] = parse(EXAMPLES[0])["stages"].items()
    built_in = load_playbook().stages[key]
    shown = Stage.model_validate(stage)
    assert (shown.en, shown.ru, shown.open) == (built_in.en, built_in.ru, built_in.open)


def test_all_kinds_are_named() -> None:
    [listed] = re.findall(r"The kinds: (.*?\.) A value", PAGE)
    assert set(re.findall(r"`(\w+)`", listed)) == set(Kind.__args__)  # type: ignore[attr-defined]


def rows_at(stage: str) -> Rows:
    rows = full_rows("en", "client")
    rows["deals"][0]["stage"] = stage
    return rows


def test_added_stage_asks_for_its_field_and_is_part_of_the_funnel(changed: Playbook) -> None:
    assert changed.funnel[-2:] == ("legal", "client")
    rows = rows_at("проверка юристов")
    assert verdicts(make_book("en", rows), changed)["D-000001"] == FINE
    rows["deals"][0]["mediaform"] = None
    assert verdicts(make_book("en", rows), changed)["D-000001"].named == ("Mediaform",)
    rows["deals"][0]["stage"] = "Lost"
    assert verdicts(make_book("en", rows), changed)["D-000001"] == FINE


def test_required_field_is_asked_for_earlier_and_by_another_spelling(changed: Playbook) -> None:
    rows = rows_at("В работе")
    rows["deals"][0] |= {"budget": None, "tender": "ага"}
    assert verdicts(make_book("en", rows), changed)["D-000001"].named == ("Budget",)


def test_one_of_three_fields_is_enough(changed: Playbook) -> None:
    rows = rows_at("Cold Lead")
    rows["contacts"][0] |= {"email": None, "phone": None, "messenger": "@anna"}
    assert verdicts(make_book("en", rows), changed)["D-000001"] == FINE
    rows["contacts"][0]["messenger"] = None
    named = verdicts(make_book("en", rows), changed)["P-000001"].named
    assert named == ("Email or Phone or Messenger",)


def test_another_word_for_none_is_an_answer(changed: Playbook) -> None:
    rows = rows_at("Client")
    rows["companies"][0]["site"] = "Отсутствует"
    assert verdicts(make_book("en", rows), changed)["C-000001"] == FINE


def test_added_columns_are_read(changed: Playbook) -> None:
    fields = changed.tabs["deals"].fields
    assert {fields[key].ru for key in ("lawyer", "offer_valid", "payment")} == {
        "Юрист",
        "КП действует до",
        "Оплата",
    }
    assert "стоимость" in fields["budget"].spellings


def test_folders_are_named_as_said(changed: Playbook) -> None:
    assert changed.folders.deal.startswith("{id} ")
    assert [name.en for name in changed.folders.subfolders.values()][-2:] == ["Invoices", "Reports"]


def test_mistakes_are_told_as_the_page_shows(tmp_path: Path) -> None:
    text = BUILT_IN.read_text(encoding="utf-8")
    for old, new in (
        ("leaves_to: [client, lost]", "leaves_to: [client, lots]"),
        ("email or phone, info", "email or fone, info"),
        ("en: Mediaform, ru: Медиаформа", "en: Mediaform"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "sales.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlaybookError) as caught:
        load_playbook(path)
    [shown] = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
    without_lines = re.compile(r":\d+:")
    told = str(caught.value).replace(str(path), path.name)
    assert without_lines.sub(":", told) == without_lines.sub(":", shown)
