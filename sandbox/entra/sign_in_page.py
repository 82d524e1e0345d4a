"""Entra's pages for people: choose who signs in and how, or read what is wrong."""

from html import escape
from pathlib import Path
from string import Template

from sandbox.seed import User

_TEMPLATE = Path(__file__).parents[1] / "page" / "sign-in.html"


def sign_in_page(
    *,
    app: str,
    organization: str,
    users: tuple[User, ...],
    chosen: str,
    contexts: tuple[str, ...],
    cancel: str,
    problem: str,
) -> str:
    """Return the page, whose form goes to its own address.

    `chosen` is the object ID of the person to preselect, if any; `cancel` is the app's address for
    a person who gives up.
    """
    return _page(
        organization,
        "<h1>Sign in</h1>",
        f"<p>to continue to {escape(app)}</p>",
        f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else "",
        '<form method="post">',
        "<fieldset><legend>Who are you?</legend>",
        *(_person(one, chosen=one.id == chosen) for one in users),
        "</fieldset>",
        "<fieldset><legend>How do you sign in?</legend>",
        _choice("strength", "strong", "Password and second factor", "", chosen=True),
        _choice("strength", "weak", "Password only", "", chosen=False),
        "</fieldset>",
        _note(contexts),
        f'<div class="actions"><a href="{escape(cancel)}">Cancel</a>',
        '<button type="submit">Sign in</button></div>',
        "</form>",
    )


def error_page(organization: str, description: str) -> str:
    """Return the page for an error that isn't sent to the app."""
    return _page(
        organization,
        "<h1>Sign in</h1>",
        "<p>Sorry, but we're having trouble signing you in.</p>",
        f'<p class="problem" role="alert">{escape(description)}</p>',
    )


def _page(organization: str, *content: str) -> str:
    template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    lines = "\n".join(f"    {line}" for line in content if line)
    return template.substitute(organization=escape(organization), content=lines)


def _person(user: User, *, chosen: bool) -> str:
    return _choice("person", user.id, user.display_name, user.user_principal_name, chosen=chosen)


def _choice(name: str, value: str, label: str, detail: str, *, chosen: bool) -> str:
    checked = " checked" if chosen else ""
    small = f"<small>{escape(detail)}</small>" if detail else ""
    return (
        f'<label class="choice"><input type="radio" name="{name}" value="{escape(value)}"'
        f" required{checked}><span>{escape(label)}</span>{small}</label>"
    )


def _note(contexts: tuple[str, ...]) -> str:
    if not contexts:
        return ""
    named = escape(", ".join(contexts))
    return (
        f'<p class="note">The app asks for the authentication context {named}. Here, a second'
        " factor satisfies it.</p>"
    )
