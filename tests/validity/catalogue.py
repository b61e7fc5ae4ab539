"""All studies, entered by importing their modules."""

from tests.validity import (  # noqa: F401 - each enters its studies
    studies_calibration,
    studies_cold,
    studies_drift,
    studies_items,
    studies_lists,
    studies_users,
)
from tests.validity.study import STUDIES as STUDIES  # noqa: PLC0414 - read from here
