"""What a person reads when a sign-in doesn't confirm what they did."""

from collections.abc import Mapping

from cards.reasons.filling import Text
from domain.phrases import mark

SIGN_INS: Mapping[str, Text] = {
    "step_up_needed": mark(
        "This has to be confirmed with a fresh sign-in, so nothing was done. "
        "Do it in Teams, and open the sign-in from there."
    ),
    "sign_in_unknown": mark(
        "This sign-in isn't known here, or it's over. Go back to Teams and try again."
    ),
    "sign_in_expired": mark(
        "This sign-in took longer than five minutes, so it's over. Go back to Teams and try again."
    ),
    "sign_in_used": mark(
        "This sign-in has already been used. Go back to Teams to see what came of it."
    ),
    "sign_in_restarted": mark(
        "This sign-in was started again in another window. Only the last one counts: finish it "
        "there."
    ),
    "sign_in_in_another_browser": mark(
        "This sign-in was started in another browser, so it doesn't count. Go back to Teams and "
        "try again."
    ),
    "sign_in_declined": mark(
        "The sign-in was cancelled or not allowed. Go back to Teams and try again."
    ),
    "sign_in_failed": mark(
        "Microsoft Entra ended the sign-in with the error {error}. Go back to Teams and try again."
    ),
    "sign_in_unavailable": mark(
        "Microsoft Entra isn't responding right now, so the sign-in couldn't be checked. Go back "
        "to Teams and try again."
    ),
    "sign_in_by_another_issuer": mark(
        "The sign-in wasn't issued by this organisation's Microsoft Entra. Go back to Teams and "
        "try again."
    ),
    "sign_in_of_another_tenant": mark(
        "You signed in to another organisation. Go back to Teams, and sign in with the account "
        "that you use there."
    ),
    "sign_in_for_another_app": mark(
        "The sign-in was for another application. Go back to Teams and try again."
    ),
    "sign_in_token_expired": mark(
        "Microsoft Entra's answer is no longer valid. Go back to Teams and try again."
    ),
    "signed_in_as_someone_else": mark(
        "You signed in with another account than the one you use in Teams. Go back to Teams and "
        "try again with that one."
    ),
    "sign_in_undated": mark(
        "Microsoft Entra didn't say when you signed in, so it can't be checked that this was just "
        "now. Ask an admin to look at the sign-in's app registration."
    ),
    "sign_in_from_the_future": mark(
        "The sign-in's time lies in the future, so it doesn't count. Ask an admin to check "
        "the clock of the bot's machine."
    ),
    "sign_in_too_old": mark(
        "You signed in more than {max_age:duration} ago, which is too long here. Go back to Teams "
        "and try again."
    ),
    "sign_in_too_weak": mark(
        "The sign-in isn't as strong as the policy asks for: it doesn't satisfy the "
        "authentication context {contexts}. Go back to Teams and try again, and use the method "
        "that Microsoft Entra asks for."
    ),
}
