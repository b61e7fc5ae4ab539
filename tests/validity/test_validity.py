"""Intervals hold the truth as often as they say, tests alarm as seldom, what is planted is found.

Small here; RECSCOPE_VALIDITY_FULL=1 for many data sets, as docs/make_validity.py makes them.
"""

import pytest

from tests.validity.catalogue import STUDIES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "made", [pytest.param(made, id=made.__name__) for kind in STUDIES.values() for made in kind]
)
def test_it_holds_as_often_as_it_says(made):
    rows = list(made())
    assert rows
    missed = [f"{row.what} ({row.how}): {row.found:.3f}" for row in rows if not row.holds]
    assert not missed
