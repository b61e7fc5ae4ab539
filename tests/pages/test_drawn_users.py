"""A run over users drawn by lot says so under every chart."""

import pytest

from recscope import engine
from tests.pages.conftest import open_link
from tests.recscope.small_run import small_config


@pytest.mark.parametrize("users, is_said", [(40, True), (0, False)])
def test_every_caption_names_the_users_drawn(fresh_home, users, is_said):
    run = engine.run(small_config("item-knn", users=users))
    n_all = run.manifest["data"]["counts"]["test_users"]
    at = open_link("accuracy")
    assert not at.exception
    captions = [caption.value for caption in at.caption if "Source:" in caption.value]
    assert captions
    said = f"Users drawn by lot: 40 of {n_all}."
    assert all((said in caption) is is_said for caption in captions)
