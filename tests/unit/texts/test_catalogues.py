"""No language lacks a message, a placeholder or a plural."""

from collections.abc import Iterator
from typing import Final

import pytest
from babel import Locale as CldrLocale
from fluent.syntax import ast, parse
from fluent.syntax.visitor import Visitor

from indexer.texts.catalogue import FOLDER, Locale

NUMBER: Final = "count"
"""The variable whose plurals are CLDR's; every other select is by words."""
Selects = dict[str, set[str]]


class Parts(Visitor):
    """The variables of a message, and the variants of each variable that it selects by."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.selects: Selects = {}

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.variables.add(node.id.name)

    def visit_SelectExpression(self, node: ast.SelectExpression) -> None:
        assert isinstance(node.selector, ast.VariableReference)
        names = (variant.key for variant in node.variants)
        keys = {key.name for key in names if isinstance(key, ast.Identifier)}
        self.selects[node.selector.id.name] = keys
        self.generic_visit(node)


def entries(locale: Locale) -> Iterator[ast.EntryType]:
    yield from parse((FOLDER / f"{locale}.ftl").read_text("utf-8")).body


def messages(locale: Locale) -> dict[str, Parts]:
    found = {}
    for entry in entries(locale):
        if isinstance(entry, ast.Message):
            found[entry.id.name] = parts = Parts()
            parts.visit(entry)
    return found


def variants(message: ast.Message) -> Iterator[set[str]]:
    """The variables that each variant of a message shows, where it has variants."""
    assert message.value is not None
    for element in message.value.elements:
        if isinstance(element, ast.Placeable) and isinstance(
            element.expression, ast.SelectExpression
        ):
            for variant in element.expression.variants:
                parts = Parts()
                parts.visit(variant)
                yield parts.variables


ENGLISH: Final = messages(Locale.ENGLISH)


def test_each_language_has_a_catalogue_and_there_is_no_other() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {*Locale}


@pytest.mark.parametrize("locale", Locale)
def test_a_catalogue_holds_every_message_once_and_nothing_that_cannot_be_read(
    locale: Locale,
) -> None:
    allowed = (ast.Message, ast.Comment)
    assert [entry for entry in entries(locale) if not isinstance(entry, allowed)] == []
    names = [entry.id.name for entry in entries(locale) if isinstance(entry, ast.Message)]
    assert sorted(names) == sorted(ENGLISH)


@pytest.mark.parametrize("locale", Locale)
def test_the_placeholders_of_each_message_are_those_of_the_english_one(locale: Locale) -> None:
    found = messages(locale)
    assert {name: found[name].variables for name in ENGLISH} == {
        name: parts.variables for name, parts in ENGLISH.items()
    }


@pytest.mark.parametrize("locale", Locale)
def test_every_plural_that_the_language_has_is_there(locale: Locale) -> None:
    wanted = {*CldrLocale.parse(locale.value, sep="-").plural_form.tags, "other"}
    for name, parts in messages(locale).items():
        theirs = ENGLISH[name].selects
        assert parts.selects.keys() == theirs.keys(), name
        for variable, keys in parts.selects.items():
            assert keys == (wanted if variable == NUMBER else theirs[variable]), name


@pytest.mark.parametrize("locale", Locale)
def test_no_plural_loses_what_the_others_show(locale: Locale) -> None:
    """The number itself may stand as a word."""
    for entry in entries(locale):
        if isinstance(entry, ast.Message) and NUMBER in ENGLISH[entry.id.name].selects:
            shown = [found - {NUMBER} for found in variants(entry)]
            assert all(found == shown[0] for found in shown), entry.id.name
