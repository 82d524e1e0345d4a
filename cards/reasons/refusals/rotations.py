"""What a person reads when a rotation isn't started, approved, retried or abandoned."""

from collections.abc import Mapping

from cards.reasons.filling import Text
from domain.phrases import mark

ROTATIONS: Mapping[str, Text] = {
    "not_rotatable": mark("{secret} isn't set up for rotation. An admin can add it to the policy."),
    "rotation_under_way": mark(
        "{secret} is already being rotated, under {rotation_id}. Wait until that has finished."
    ),
    "nobody_can_agree": mark(
        "I couldn't find anyone but you to approve a rotation of {secret}, so none was started. "
        "Ask another admin to check who the admins are."
    ),
    "own_rotation": mark("You asked for this rotation yourself: another admin has to approve it."),
    "may_not_agree": mark("Only these admins can approve or deny this rotation: {admins:commas}."),
    "rotation_no_longer_pending": mark(
        "This rotation is no longer waiting for approval: it is {state:state}."
    ),
    "rotation_rules_changed": mark(
        "The rules for {secret} aren't the ones under which this rotation was requested, so it "
        "can't be approved. Deny it, and request it again."
    ),
    "plan_outdated": mark(
        "The rules for {secret} have changed since this plan was made, so nothing was started. "
        "Type rotate {secret} to see the current plan."
    ),
    "unknown_rotation": mark("I can't find a rotation with that ID."),
    "nothing_to_retry": mark("There's nothing to retry: this rotation is {state:state}."),
    "nothing_to_abandon": mark(
        "Only a rotation that needs a human can be abandoned, and this one is {state:state}."
    ),
    "abandon_without_reason": mark("Say why: abandon {rotation_id} because REASON"),
}
