"""What the kinds in App Services share: where an app is, and the role that the bot needs."""

from typing import Annotated

from domain.rotation.rotation import AppSlot, Dependent
from services import values
from services.rotation.dependents.kind import DependentTable, Home
from services.toml import ResourceGroup, Subscription, matching, text

_SITE_NAME = r"[a-zA-Z0-9-]{1,60}"
SiteName = Annotated[str, matching(_SITE_NAME, "the name of an App Service")]
# Tools call the app itself its slot "production". Two names for it would have two locks.
SlotName = Annotated[
    str,
    matching(
        rf"(?i:(?!production\Z){_SITE_NAME})",
        "the name of a deployment slot; leave it out for the app itself",
    ),
]
SettingName = Annotated[str, text(values.setting_name)]

ROLE = "Website Contributor"
ACTIONS = ("Microsoft.Web/sites/config/write", "Microsoft.Web/sites/config/list/action")


class AppServiceTable(DependentTable):
    """A table about something in an App Service, or in one of its slots."""

    app: SiteName
    slot: SlotName | None = None
    resource_group: ResourceGroup | None = None
    subscription: Subscription | None = None

    def at(self, home: Home, name: str, kind: str, **options: str) -> Dependent:
        """Return the dependent of this name; empty options are left out."""
        app = AppSlot(
            subscription=self.subscription or home.subscription,
            resource_group=self.resource_group or home.resource_group,
            name=self.app,
            slot=self.slot or "",
        )
        return Dependent(
            app,
            name,
            self.health_url or "",
            create=bool(self.create),
            kind=kind,
            options=tuple((key, given) for key, given in options.items() if given),
        )
