"""Which words of a finding are in no catalogue."""

from cards.languages.language import speaking
from cards.languages.texts import say
from domain.diagnosis import Finding
from tests.cards.languages.wide import WIDE, plain_words

# Names of people, of groups and in Azure, and lines to type: the same in every language.
_NAMES = """
Ada Approver Bo Backup Cy Careful ada bo cy nobody shared contoso example Group GroupMember Person
Approvers approvers Empty one two Member Microsoft Graph ID group
demo-api-key app-api-key kv-demo keep' frozen' forgotten lost lost- CanNotDelete ReadOnly another
checkout-api API api Key KEY KYE NEW NAME true create allow locked stuck secret checkpoints
Key Vault Reader Secrets Officer User Role Based Access Control Administrator Website Contributor
Storage Table Data Authorization AuthorizationFailed RequestDenied roleAssignments read write
delete Web sites config list action KeyVault vaults secrets getSecret setSecret update
Account Key Operator Service Role Storage storageAccounts listkeys regeneratekey demostorage
OwnedBy ReadWrite Application Log Analytics ANALYTICS WORKSPACE ID AuditEvent
InsufficientAccessError Blob ARCHIVE CONTAINER RETENTION DAYS retention
infra docs deploy md readyz python scripts dev py rights All Read Hidden Azure Elsewhere
GRANT SCOPE PUBLIC URL SIGN IN CLIENT ADMIN TEAMS CHANNEL GROUP MicrosoftAppId KeyError
canary drill history drl- jd DRILL PRINCIPAL
"""
_KNOWN = frozenset(_NAMES.split())


def untranslated(finding: Finding) -> list[str]:
    """Return a finding's words that every language would show in English, but for names."""
    with speaking(WIDE):
        shown = [say(it) for it in (finding.subject, finding.seen, finding.remedy) if it]
    return [word for text in shown for word in plain_words(text) if word not in _KNOWN]
