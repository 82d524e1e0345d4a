"""What a person reads when a sign-in doesn't confirm what they did."""

from collections.abc import Mapping

from cards.reasons.filling import Text

_AGAIN = "Go back to Teams and try again."

SIGN_INS: Mapping[str, Text] = {
    "step_up_needed": (
        "This has to be confirmed with a fresh sign-in, so nothing was done. "
        "Do it in Teams, and open the sign-in from there."
    ),
    "sign_in_unknown": f"This sign-in isn't known here, or it's over. {_AGAIN}",
    "sign_in_expired": f"This sign-in took longer than five minutes, so it's over. {_AGAIN}",
    "sign_in_used": (
        "This sign-in has already been used. Go back to Teams to see what came of it."
    ),
    "sign_in_restarted": (
        "This sign-in was started again in another window. Only the last one counts: finish it "
        "there."
    ),
    "sign_in_in_another_browser": (
        f"This sign-in was started in another browser, so it doesn't count. {_AGAIN}"
    ),
    "sign_in_declined": f"The sign-in was cancelled or not allowed. {_AGAIN}",
    "sign_in_failed": f"Microsoft Entra ended the sign-in with the error {{error}}. {_AGAIN}",
    "sign_in_unavailable": (
        f"Microsoft Entra isn't responding right now, so the sign-in couldn't be checked. {_AGAIN}"
    ),
    "sign_in_by_another_issuer": (
        f"The sign-in wasn't issued by this organisation's Microsoft Entra. {_AGAIN}"
    ),
    "sign_in_of_another_tenant": (
        "You signed in to another organisation. Go back to Teams, and sign in with the account "
        "that you use there."
    ),
    "sign_in_for_another_app": f"The sign-in was for another application. {_AGAIN}",
    "sign_in_token_expired": f"Microsoft Entra's answer is no longer valid. {_AGAIN}",
    "signed_in_as_someone_else": (
        "You signed in with another account than the one you use in Teams. Go back to Teams and "
        "try again with that one."
    ),
    "sign_in_undated": (
        "Microsoft Entra didn't say when you signed in, so it can't be checked that this was just "
        "now. Ask an admin to look at the sign-in's app registration."
    ),
    "sign_in_from_the_future": (
        "The sign-in's time lies in the future, so it doesn't count. Ask an admin to check "
        "the clock of the bot's machine."
    ),
    "sign_in_too_old": (
        f"You signed in more than {{max_age:duration}} ago, which is too long here. {_AGAIN}"
    ),
    "sign_in_too_weak": (
        "The sign-in isn't as strong as the policy asks for: it doesn't satisfy the "
        "authentication context {contexts}. Go back to Teams and try again, and use the method "
        "that Microsoft Entra asks for."
    ),
}
