"""What a person reads when no drill is started."""

from collections.abc import Mapping

from cards.reasons.filling import Text
from domain.phrases import mark

DRILLS: Mapping[str, Text] = {
    "no_drill_configured": mark(
        "No drill is configured. Set DRILL_SECRET and DRILL_PRINCIPAL_ID, as docs/deploy.md says."
    ),
    "drill_under_way": mark(
        "A drill is already under way, under {drill_id}. Wait until that has finished."
    ),
}
