"""What a person reads when a sign-in doesn't confirm what they did."""

from collections.abc import Mapping

from cards.reasons.filling import Text, with_advice
from domain.phrases import mark

SIGN_INS: Mapping[str, Text] = {
    "step_up_needed": with_advice(
        mark("This has to be confirmed with a fresh sign-in, so nothing was done."),
        mark("Do it in Teams, and open the sign-in from there."),
    ),
    "sign_in_unknown": with_advice(
        mark("This sign-in isn't known here, or it's over."),
        mark("Go back to Teams and try again."),
    ),
    "sign_in_expired": with_advice(
        mark("This sign-in took longer than five minutes, so it's over."),
        mark("Go back to Teams and try again."),
    ),
    "sign_in_used": with_advice(
        mark("This sign-in has already been used."),
        mark("Go back to Teams to see what came of it."),
    ),
    "sign_in_restarted": with_advice(
        mark("This sign-in was started again in another window."),
        mark("Only the last one counts: finish it there."),
    ),
    "sign_in_in_another_browser": with_advice(
        mark("This sign-in was started in another browser, so it doesn't count."),
        mark("Go back to Teams and try again."),
    ),
    "sign_in_declined": with_advice(
        mark("The sign-in was cancelled or not allowed."), mark("Go back to Teams and try again.")
    ),
    "sign_in_failed": with_advice(
        mark("Microsoft Entra ended the sign-in with the error {error}."),
        mark("Go back to Teams and try again."),
    ),
    "sign_in_unavailable": with_advice(
        mark("Microsoft Entra isn't responding right now, so the sign-in couldn't be checked."),
        mark("Go back to Teams and try again."),
    ),
    "sign_in_by_another_issuer": with_advice(
        mark("The sign-in wasn't issued by this organisation's Microsoft Entra."),
        mark("Go back to Teams and try again."),
    ),
    "sign_in_of_another_tenant": with_advice(
        mark("You signed in to another organisation."),
        mark("Go back to Teams, and sign in with the account that you use there."),
    ),
    "sign_in_for_another_app": with_advice(
        mark("The sign-in was for another application."), mark("Go back to Teams and try again.")
    ),
    "sign_in_token_expired": with_advice(
        mark("Microsoft Entra's answer is no longer valid."),
        mark("Go back to Teams and try again."),
    ),
    "signed_in_as_someone_else": with_advice(
        mark("You signed in with another account than the one you use in Teams."),
        mark("Go back to Teams and try again with that one."),
    ),
    "sign_in_undated": with_advice(
        mark(
            "Microsoft Entra didn't say when you signed in, so it can't be checked that "
            "this was just now."
        ),
        mark("Ask an admin to look at the sign-in's app registration."),
    ),
    "sign_in_from_the_future": with_advice(
        mark("The sign-in's time lies in the future, so it doesn't count."),
        mark("Ask an admin to check the clock of the bot's machine."),
    ),
    "sign_in_too_old": with_advice(
        mark("You signed in more than {max_age:duration} ago, which is too long here."),
        mark("Go back to Teams and try again."),
    ),
    "sign_in_too_weak": with_advice(
        mark(
            "The sign-in isn't as strong as the policy asks for: it doesn't satisfy the "
            "authentication context {contexts}."
        ),
        mark("Go back to Teams and try again, and use the method that Microsoft Entra asks for."),
    ),
}
