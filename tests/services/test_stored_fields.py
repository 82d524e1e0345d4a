"""No field is stored that an older replica would drop without noticing."""

from services.workflow import codec
from tests.services.written.fields import changed, fields_stored, recorded

ADVICE = f"""
What is stored has changed, and what is recorded for schema {codec.SCHEMA} does not say so.
A replica of the version before would read such a head, write it back without the new field, and
lose what is in it. So:

1. raise SCHEMA in services/workflow/codec.py by one: older replicas then leave these heads alone;
2. say in services/workflow/codec_upgrades.py how older heads are read, unless a default does it;
3. record what the schema has: python -m tests.services.written.fields
   and python -m tests.services.written.write.

While no release has written schema {codec.SCHEMA} yet, 1 is done: delete the two files of that
schema and record them again.
"""


def test_a_stored_field_is_added_only_together_with_a_schema() -> None:
    assert changed(recorded(codec.SCHEMA), fields_stored()) == [], ADVICE


def test_a_field_that_is_added_removed_or_of_another_type_is_noticed() -> None:
    before = {"Grant": {"made": "str", "until": "datetime"}, "Gone": {"id": "str"}}
    now = {"Grant": {"made": "tuple[str, ...]", "until": "datetime", "by": "Actor"}}

    assert changed(before, now) == ["Gone.id", "Grant.by", "Grant.made"]
    assert changed(now, now) == []


def test_whatever_is_part_of_a_head_or_an_event_is_compared() -> None:
    names = set(fields_stored())

    assert names >= {"Request", "Target", "Reason", "Rotation", "StepRecord", "Part", "Event"}
