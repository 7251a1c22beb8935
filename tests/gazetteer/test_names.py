"""Two labels with one key are one name in another spelling; what may be two communes stays two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gazetteer.names import fold, normalise, split_article


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("L’Haÿ–les–Roses", "l hay les roses"),
        ("MOEURS-VERDEY", "moeurs verdey"),
        ("Mœurs-Verdey", "moeurs verdey"),
        ("Fontain\u00a0", "fontain"),
        ("Œuilly", "oeuilly"),
        ("", ""),
    ],
)
def test_fold_keeps_the_words_alone(label, key):
    assert fold(label) == key


@pytest.mark.parametrize(
    ("behind", "in_front"),
    [
        ("Pouzin (Le)", "Le Pouzin"),
        ("Escarène (L')", "L'Escarène"),
        ("ESCARENE (L’)", "L'Escarène"),
        ("Rochelle  (la)", "La Rochelle"),
        ("Mées (Les)", "Les Mées"),
        ("Masos (Los)", "Los Masos"),
    ],
)
def test_an_article_behind_is_the_article_in_front(behind, in_front):
    assert normalise(behind) == normalise(in_front)
    assert split_article(behind)[0] == split_article(in_front)[0]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("St-Paul", "Saint-Paul"),
        ("STE MARIE", "Sainte-Marie"),
        ("La Chapelle-St-Luc", "La Chapelle-Saint-Luc"),
        ("St. Denis", "Saint-Denis"),
        ("Stes-Maries-de-la-Mer", "Saintes-Maries-de-la-Mer"),
    ],
)
def test_saint_may_be_shortened(short, long):
    assert normalise(short) == normalise(long)


@pytest.mark.parametrize(
    ("one", "other"), [("Le Mesnil", "Mesnil"), ("Stains", "Saintains"), ("Saint-Paul", "Saint-Pol")]
)
def test_different_names_stay_different(one, other):
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize("name", ["Lens", "Lesparre-Médoc", "Laon", "Lherm", "Auxerre", "Lasalle"])
def test_a_first_syllable_is_no_article(name):
    assert split_article(name) == ("", name)


@pytest.mark.parametrize("label", ["Saint-Paul (Savoie)", "Vitrolles (?)"])
def test_what_stands_in_brackets_is_an_article_or_stays(label):
    assert split_article(label) == ("", label)


@given(st.text())
def test_normalising_twice_changes_nothing(label):
    assert normalise(normalise(label)) == normalise(label)


@given(
    st.sampled_from(["Le", "La", "Les", "Las", "Los", "Aux", "L'"]),
    st.from_regex(r"[A-ZÉ][a-zéèœ]{1,12}(-[a-zA-Zéè]{1,9}){0,3}", fullmatch=True),
)
def test_any_article_behind_reads_as_in_front(article, bare):
    in_front = f"{article}{bare}" if article.endswith("'") else f"{article} {bare}"
    assert normalise(f"{bare} ({article})") == normalise(in_front)
    assert split_article(f"{bare} ({article})") == split_article(in_front) == (fold(article), bare)
