"""The grammar of queries: what is one text, where terms part, and where a mistake stands."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from artvision.errors import UsageError
from artvision.searching.query import Kind, Term, parse, written

TEXT, WORDS, ASSET = Kind.TEXT, Kind.WORDS, Kind.ASSET


def terms(*found):
    return [(kind, value, weight) for kind, value, weight in found]


@pytest.mark.parametrize(("query", "expected"), [
    ("two people in the rain", [(WORDS, "two people in the rain", 1)]),
    ("sci-fi", [(WORDS, "sci-fi", 1)]),
    ("sun-lit beach", [(WORDS, "sun-lit beach", 1)]),
    ("rock+roll", [(WORDS, "rock+roll", 1)]),
    ("don't look up", [(WORDS, "don't look up", 1)]),
    ('"horse" + 2:"night" - "city"', [(TEXT, "horse", 1), (TEXT, "night", 2), (TEXT, "city", -1)]),
    ("horse + 2:night sky - city", [(WORDS, "horse", 1), (WORDS, "night sky", 2), (WORDS, "city", -1)]),
    ('"horse"+"night"', [(TEXT, "horse", 1), (TEXT, "night", 1)]),
    ("horse\n- city", [(WORDS, "horse", 1), (WORDS, "city", -1)]),
    ("- city", [(WORDS, "city", -1)]),
    ("-city", [(WORDS, "city", -1)]),
    ('- 2:"city" + .5:sea', [(TEXT, "city", -2), (WORDS, "sea", 0.5)]),
    ('"spy - the movie"', [(TEXT, "spy - the movie", 1)]),
    (r'"a \"red\" car \\"', [(TEXT, 'a "red" car \\', 1)]),
    ("2001: a space odyssey", [(WORDS, "2001: a space odyssey", 1)]),
    ("asset:m/p.jpg - snow", [(ASSET, "m/p.jpg", 1), (WORDS, "snow", -1)]),
    ('2:asset:"a + b"', [(ASSET, "a + b", 2)]),
    ("art/poster one.jpg + snow", [(WORDS, "art/poster one.jpg", 1), (WORDS, "snow", 1)]),
    ("", []),
    (" \n", []),
])  # fmt: skip
def test_a_query_is_the_sum_that_it_looks_like(query, expected):
    assert [(term.kind, term.value, term.weight) for term in parse(query)] == expected


@pytest.mark.parametrize(("query", "place", "what"), [
    ("horse + ", 9, "empty"),
    ("horse + + night", 9, "empty"),
    ("-", 2, "empty"),
    ('""', 2, "empty"),
    ('"a" - " "', 8, "empty"),
    ("asset:", 1, "empty"),
    ('"horse', 1, "not closed"),
    ('red "horse', 5, "not closed"),
    ('"a" + asset:"b', 13, "not closed"),
    ('"horse" "night"', 9, "put + or -"),
    ('the "red" car', 5, "put + or -"),
    ('x:"night"', 1, "'x' is no weight"),
    ('"a" + -2:"night"', 7, "'-2' is no weight"),
    ("1,5:night", 1, "'1,5' is no weight"),
    ("day + 1.2.3:night", 7, "'1.2.3' is no weight"),
])  # fmt: skip
def test_a_mistake_is_one_line_with_its_place(query, place, what):
    with pytest.raises(UsageError, match=f"character {place}: .*") as caught:
        parse(query)
    assert what in str(caught.value)
    assert "\n" not in str(caught.value)


weights = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 4) or 1.0)
texts = st.text(min_size=1).filter(str.strip)
quoted = st.builds(Term, st.sampled_from([TEXT, ASSET]), texts, weights)
letters = st.text("abz é猫'.,;:/()%", min_size=1).map(lambda text: " ".join(f"w{text}".split()))
plain = st.builds(Term, st.just(WORDS), letters, weights)


@given(st.lists(quoted | plain))
def test_what_is_written_is_read_back(summands):
    assert list(parse(written(summands))) == summands


@example("+-2")
@given(st.text('ab"+-:2\\ ,.'))
def test_any_text_is_terms_or_a_usage_error(text):
    try:
        found = parse(text)
    except UsageError:
        return
    assert parse(written(found)) == found
