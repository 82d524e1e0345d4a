"""Why no drill is started."""

from domain.refusals.refusal import Refusal


class NoDrillConfigured(Refusal):
    code = "no_drill_configured"


class DrillUnderWay(Refusal):
    code = "drill_under_way"

    def __init__(self, drill_id: str) -> None:
        super().__init__(drill_id=drill_id)
