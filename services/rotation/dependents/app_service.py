"""What the kinds of dependents in App Services share: where an app is, and what the bot needs."""

from typing import Annotated

from domain.rotation.rotation import AppSlot, Dependent
from services import values
from services.rotation.dependents.kind import DependentTable, Home
from services.toml import ResourceGroup, Subscription, matching, text

SiteName = Annotated[str, matching(r"[a-zA-Z0-9-]{1,60}", "the name of an App Service or slot")]
SettingName = Annotated[str, text(values.setting_name)]

ROLE = "Website Contributor"
ACTIONS = ("Microsoft.Web/sites/config/write", "Microsoft.Web/sites/config/list/action")


class AppServiceTable(DependentTable):
    """A table about something in an App Service, or in one of its slots."""

    app: SiteName
    slot: SiteName | None = None
    resource_group: ResourceGroup | None = None
    subscription: Subscription | None = None

    def at(self, home: Home, name: str, kind: str, **options: str) -> Dependent:
        """Return the dependent of this name; options that are empty are left out."""
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
