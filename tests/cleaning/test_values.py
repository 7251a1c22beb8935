"""Every parser of printed values accepts its own good examples and refuses its own bad ones, with a French reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold, shown, squeeze
from pipeline.cleaning.values import UnreadableError

PARSERS: list[tuple[Callable[[str], object], tuple[str, ...], tuple[str, ...]]] = [
    (values.count, values.COUNT_GOOD, values.COUNT_BAD),
    (values.euros, values.EUROS_GOOD, values.EUROS_BAD),
    (values.increment, values.INCREMENT_GOOD, values.INCREMENT_BAD),
    (values.decimal_euros, values.DECIMAL_EUROS_GOOD, values.DECIMAL_EUROS_BAD),
    (values.commune, values.COMMUNE_GOOD, values.COMMUNE_BAD),
    (values.zone, values.ZONE_GOOD, values.ZONE_BAD),
    (values.decimal, values.DECIMAL_GOOD, values.DECIMAL_BAD),
    (values.percent, values.PERCENT_GOOD, values.PERCENT_BAD),
    (values.siren, values.SIREN_GOOD, values.SIREN_BAD),
    (values.departement, values.DEPARTEMENT_GOOD, values.DEPARTEMENT_BAD),
    (values.day, values.DAY_GOOD, values.DAY_BAD),
]


@pytest.mark.parametrize(("parse", "text"), [(p, t) for p, good, _ in PARSERS for t in good])
def test_good_examples_are_read(parse: Callable[[str], object], text: str) -> None:
    assert parse(text) is not None


@pytest.mark.parametrize(("parse", "text"), [(p, t) for p, _, bad in PARSERS for t in bad])
def test_bad_examples_are_refused_with_the_text_in_the_reason(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        parse(text)
    assert f"« {shown(text)} »" in refusal.value.reason


@pytest.mark.parametrize(
    ("parse", "text", "rule", "reason"),
    [
        (values.count, "2,5", "nombre_illisible", "« 2,5 » n'est pas un nombre entier"),
        (values.count, " ", "nombre_illisible", "«  » : cellule vide, un nombre entier attendu"),
        (values.count, "12 a", "nombre_illisible", "« 12 a » n'est pas un nombre entier"),
        (values.count, "12\nNice", "nombre_illisible", "« 12 ⏎ Nice » n'est pas un nombre entier"),
        (values.count, "\n12\n13", "nombre_illisible", "« 12 ⏎ 13 » : 2 nombres l'un sous l'autre dans une cellule"),
        (values.euros, "6 710 F", "montant_illisible", "« 6 710 F » n'est pas un montant entier en euros"),
        (
            values.euros,
            "8 861,50",
            "montant_illisible",
            "« 8 861,50 » a des centimes, un montant entier est attendu",
        ),
        (values.decimal_euros, "8.50", "montant_illisible", "« 8.50 » n'est pas un montant en euros"),
        (values.increment, "- 3", "montant_illisible", "« - 3 » n'est pas une augmentation entière en euros"),
        (values.percent, "19,6", "taux_illisible", "« 19,6 » n'est pas un taux en pour cent"),
        (
            values.siren,
            "20007175",
            "siren_illisible",
            "« 20007175 » n'a ni les neuf chiffres d'un SIREN ni quatorze",
        ),
        (values.siren, "200071752", "siren_cle_fausse", "« 200071752 » ne vérifie pas la clé de Luhn"),
        (
            values.siren,
            "20007175100012",
            "siren_cle_fausse",
            "« 20007175100012 » : le SIRET ne vérifie pas la clé de Luhn",
        ),
        (values.commune, "1004", "code_commune_inconnu", "« 1004 » n'est pas un code de commune de l'INSEE"),
        (values.zone, "D", "zone_inconnue", "« D » n'est pas une zone"),
        (values.departement, "96", "code_departement_inconnu", "« 96 » n'est pas un code de département"),
        (
            values.day,
            "31/02/2025",
            "date_illisible",
            "« 31/02/2025 » n'est pas une date du calendrier (jour, mois, année)",
        ),
        (
            values.day,
            "hier",
            "date_illisible",
            "« hier » n'est pas une date du calendrier (jour, mois, année)",
        ),
    ],
)
def test_a_refusal_has_its_rule_and_says_what_is_wrong(
    parse: Callable[[str], object], text: str, rule: str, reason: str
) -> None:
    with pytest.raises(UnreadableError) as refusal:
        parse(text)
    assert (refusal.value.rule, refusal.value.reason, str(refusal.value)) == (rule, reason, reason)


def test_values_are_those_printed() -> None:
    assert [values.decimal_euros(t) for t in ("8,5 €", "1 234,56", "8 861 €")] == [
        Decimal("8.50"),
        Decimal("1234.56"),
        Decimal("8861.00"),
    ]
    assert str(values.decimal_euros("8,5")) == "8.50"
    assert [values.commune(t) for t in ("2b033", " 75056 ")] == ["2B033", "75056"]
    assert [values.zone(t) for t in ("a bis", "Abis", "a", "b2", "C")] == ["Abis", "Abis", "A", "B2", "C"]
    assert values.euros("8 861 €") == 8861
    assert values.count("1\u202f000\u202f000") == 1_000_000
    assert values.percent("19,6 %") == Decimal("19.6")
    assert values.departement("2b") == "2B"
    assert values.siren("200 071 751") == "200071751"
    assert values.day("02/01/2025") == values.day("2 janvier 2025") == date(2025, 1, 2)


@given(
    st.integers(0, 10**9),
    st.sampled_from([" ", "\u00a0", "\u2009", "\u202f"]),
    st.sampled_from(["", "€", " €", "\u202f€"]),
)
def test_euros_come_back_whatever_the_typesetting(amount: int, space: str, sign: str) -> None:
    assert values.euros(f"{amount:,}".replace(",", space) + sign) == amount


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from("/.-"))
def test_a_day_comes_back_whatever_parts_it(day: date, mark: str) -> None:
    assert values.day(f"{day:%d}{mark}{day:%m}{mark}{day.year:04}") == day


def test_two_numbers_one_above_the_other_are_named_as_such() -> None:
    with pytest.raises(UnreadableError, match="« 82 ⏎ 190 » : 2 nombres l'un sous l'autre"):
        values.count("82\n190")


def test_cents_are_the_reason_where_they_are_the_reason() -> None:
    with pytest.raises(UnreadableError, match="a des centimes"):
        values.euros("8 861,50 €")


def test_the_siren_of_a_siret_is_its_first_nine_digits() -> None:
    assert values.siren("20007175100016") == "200071751"
    with pytest.raises(UnreadableError, match="le SIRET ne vérifie pas"):
        values.siren("20007175100017")


def test_an_amending_act_closes_its_table_behind_the_last_number() -> None:
    assert (values.euros("6 710 »"), values.increment("« + 6 710 »"), values.unquoted("« 1")) == (6710, 6710, "1")


def test_what_takes_no_room_in_print_is_shown() -> None:
    assert shown("8\u200b861\u00ad €\n 9") == "8[U+200B]861[U+00AD] € ⏎ 9"


@given(st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_exactly_one_check_digit_is_right(stem: str) -> None:
    assert sum(values.luhn(stem + digit) for digit in "0123456789") == 1


def test_hyphens_apostrophes_and_ligatures_are_of_one_kind() -> None:
    assert fold("L’Île–d’Œuvre\u00a0 É") == "l'ile-d'oeuvre e"


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert squeeze(squeeze(text)) == squeeze(text)
