import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError, DatasetError, NotFittedError
from core.tables import PAD, Ids, Interactions
from recommenders.doors import resolve

USERS = Ids("user", np.array(["u1", "u2", "u3"], dtype=object))
ITEMS = Ids("item", np.array(["a", "b", "c", "d"], dtype=object))
TRAIN = Interactions(np.array([0], np.int32), np.array([0], np.int32), n_users=3, n_items=4)


@pytest.fixture
def fitted(tmp_path):
    """A model made from the text of a file."""

    def fit(text, name="lists.csv"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return resolve(f"lists:{file}").bind(USERS, ITEMS).fit(TRAIN)

    return fit


def listed(model, k=3):
    return model.recommend(np.arange(3), k)


def test_ranks_order_the_list_and_win_over_scores(fitted):
    model = fitted("user_id,item_id,rank,score\nu1,b,2,9\nu1,c,1,5\nu2,a,1,1\n")
    top = listed(model)
    np.testing.assert_array_equal(top.items, [[2, 1, PAD], [0, PAD, PAD], [PAD] * 3])
    np.testing.assert_array_equal(top.scores[0], [5, 9, -np.inf])
    assert not len(model.ledger_)


def test_scores_order_the_list_where_there_is_no_rank(fitted):
    top = listed(fitted("user_id,item_id,score\nu1,b,0.1\nu1,c,0.7\nu1,d,-3\n"))
    np.testing.assert_array_equal(top.items[0], [2, 1, 3])


def test_ranks_alone_give_scores_that_fall(fitted):
    top = listed(fitted("user_id,item_id,rank\nu1,b,10\nu1,c,20\n"))
    np.testing.assert_array_equal(top.items[0], [1, 2, PAD])
    np.testing.assert_array_equal(top.scores[0], [-1, -2, -np.inf])


def test_equal_scores_keep_the_order_of_the_file_and_are_counted(fitted):
    model = fitted("user_id,item_id,score\nu1,d,1\nu1,b,1\nu1,c,2\n")
    np.testing.assert_array_equal(listed(model).items[0], [2, 3, 1])
    assert model.ledger_.count("equal score in one list, order of the file kept") == 1


def test_strangers_are_dropped_and_unknown_items_hold_their_rank(fitted):
    model = fitted("user_id,item_id,rank\nu9,a,1\nu1,zzz,1\nu1,b,2\n")
    np.testing.assert_array_equal(listed(model).items[0], [PAD, 1, PAD])
    assert model.ledger_.count("list entry of a user the data set does not hold") == 1
    assert model.ledger_.count("item the data set does not hold, kept as a miss") == 1


def test_lists_longer_than_k_are_cut_at_k(fitted):
    model = fitted("user_id,item_id,rank\nu1,a,1\nu1,b,2\nu1,c,3\n")
    np.testing.assert_array_equal(listed(model, k=2).items[0], [0, 1])


def test_a_trec_run_is_read(fitted):
    top = listed(fitted("u1 Q0 c 1 9.5 sys\nu1 Q0 a 2 8.5 sys\n", "lists.run"))
    np.testing.assert_array_equal(top.items[0], [2, 0, PAD])


def test_a_parquet_file_of_numbers_meets_names_of_numbers(tmp_path):
    file = tmp_path / "lists.parquet"
    pd.DataFrame({"user": [7, 7], "item": [2, 1], "prediction": [0.1, 0.2]}).to_parquet(file)
    users = Ids("user", np.array(["7"], dtype=object))
    items = Ids("item", np.array(["1", "2"], dtype=object))
    top = resolve(f"lists:{file}").bind(users, items).fit(TRAIN.take([])).recommend([0], 2)
    np.testing.assert_array_equal(top.items, [[0, 1]])


def test_a_file_without_a_rank_or_score_says_what_it_has(fitted):
    with pytest.raises(DatasetError, match="no column for rank or score; it has user_id, item_id"):
        fitted("user_id,item_id,shade\nu1,a,red\n")


def test_a_score_that_is_no_number_is_named_by_row(fitted):
    with pytest.raises(DatasetError, match="no finite number in 'score'; the first is row 2: 'x'"):
        fitted("user_id,item_id,score\nu1,a,1\nu1,b,x\n")


def test_lists_need_the_names_first(tmp_path):
    with pytest.raises(ConfigError, match=r"need names; call bind\(user_ids, item_ids\)"):
        resolve(f"lists:{tmp_path / 'x.csv'}").fit(TRAIN)


def test_lists_are_read_before_they_are_asked_for():
    with pytest.raises(NotFittedError, match="has not been fitted"):
        resolve("lists:x.csv").bind(USERS, ITEMS).recommend(np.arange(3), 2)


def test_a_file_of_strangers_alone_lists_nothing(fitted):
    top = listed(fitted("user_id,item_id,rank\nu8,a,1\nu9,a,1\n"))
    assert (top.items == PAD).all()
