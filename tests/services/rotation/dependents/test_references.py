"""Key Vault references in app settings: parsing them, and replacing their version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rotation.dependents.references import KeyVaultReference, read_reference

VAULT_URL = "https://kv-demo.vault.azure.net"
OLD = "3f0c1a2b4d5e4f60a1b2c3d4e5f60718"
NEW = "9d4e5f60718293a4b5c6d7e8f9a0b1c2"


def _read(text: str) -> KeyVaultReference:
    reference = read_reference(text)
    assert reference is not None
    return reference


def _by_uri(version: str = "") -> str:
    return f"@Microsoft.KeyVault(SecretUri={VAULT_URL}/secrets/app-api-key/{version})"


def _by_names(version: str = "") -> str:
    pinned = f";SecretVersion={version}" if version else ""
    return f"@Microsoft.KeyVault(VaultName=kv-demo;SecretName=app-api-key{pinned})"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (_by_uri(), ""),
        (_by_uri().replace("/)", ")"), ""),
        (_by_uri(OLD), OLD),
        (_by_uri(OLD + "/"), OLD),
        (_by_uri().replace(".net/", ".net:443/"), ""),
        (_by_uri(OLD).replace(".net/", ".NET:443/"), OLD),
        (_by_names(), ""),
        (_by_names() + "  ", ""),
        (_by_names(OLD), OLD),
        (f"@Microsoft.KeyVault(SecretVersion={OLD};SecretName=app-api-key;VaultName=kv-demo)", OLD),
        ("@Microsoft.KeyVault(VaultName=kv-demo;SecretName=app-api-key;SecretVersion=)", ""),
        ("@microsoft.keyvault( vaultname = KV-Demo ; secretname = App-Api-Key ; )", ""),
        (f"@MICROSOFT.KEYVAULT(SECRETURI={VAULT_URL.upper()}/SECRETS/APP-API-KEY/{OLD})", OLD),
    ],
)
def test_both_syntaxes_point_to_a_secret_with_or_without_a_version(text: str, version: str) -> None:
    reference = _read(text)

    assert version == reference.version
    assert text == reference.text
    assert reference.is_to("kv-demo", VAULT_URL, "app-api-key")
    assert reference.is_to("KV-DEMO", f"{VAULT_URL.upper()}/", "APP-API-KEY")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "a text about @Microsoft.KeyVault(VaultName=kv-demo;SecretName=app-api-key)",
        "@Microsoft.KeyVault()",
        "@Microsoft.KeyVault(VaultName=kv-demo)",
        "@Microsoft.KeyVault(SecretName=app-api-key)",
        f"@Microsoft.KeyVault(SecretUri={VAULT_URL})",
        f"@Microsoft.KeyVault(SecretUri={VAULT_URL}/keys/app-api-key)",
        f"@Microsoft.KeyVault(SecretUri={VAULT_URL}/secrets/app-api-key/{OLD}/more)",
        "@Microsoft.KeyVault(SecretUri=http://[/secrets/app-api-key)",
        "@Microsoft.KeyVault(VaultName=kv-demo;SecretName=app-api-key",
    ],
)
def test_anything_else_is_not_a_reference(text: str) -> None:
    assert read_reference(text) is None


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (_by_uri(), "other-key"),
        (_by_uri().replace("kv-demo", "kv-other"), "app-api-key"),
        (_by_uri().replace("vault.azure.net", "evil.example"), "app-api-key"),
        (_by_uri().replace(".net/", ".net:8443/"), "app-api-key"),
        (_by_names(), "other-key"),
        (_by_names().replace("kv-demo", "kv-other"), "app-api-key"),
    ],
)
def test_a_reference_to_another_secret_or_vault_is_not_to_this_one(text: str, secret: str) -> None:
    assert not _read(text).is_to("kv-demo", VAULT_URL, secret)


@pytest.mark.parametrize("pinned", [_by_uri(OLD), _by_names(OLD), f"  {_by_uri(OLD)}\n"])
def test_another_version_leaves_the_rest_of_the_text_alone(pinned: str) -> None:
    assert pinned.replace(OLD, NEW) == _read(pinned).at(NEW)


@pytest.mark.parametrize("unversioned", [_by_uri(), _by_names()])
def test_an_unversioned_reference_stays_unversioned(unversioned: str) -> None:
    assert _read(unversioned).at(NEW) == unversioned


names = st.text("0123456789abcdefABCDEF-", min_size=1, max_size=40)
versions = st.text("0123456789abcdef", min_size=1, max_size=40)
spaces = st.text(" \t", max_size=2)


@st.composite
def _pinned(draw: st.DrawFn) -> tuple[str, str, str]:
    """A pinned reference: the text before its version, the version, and the text after it."""
    version = draw(versions)
    if draw(st.booleans()):
        end = draw(st.sampled_from(["", "/", "?", "/?a=b", "#f"]))
        host = f"https://{draw(names)}.vault.azure.net"
        return f"@Microsoft.KeyVault(SecretUri={host}/secrets/{draw(names)}/", version, f"{end})"
    mark = "\0"
    fields = draw(
        st.permutations(
            [f"VaultName={draw(names)}", f"SecretName={draw(names)}", f"SecretVersion={mark}"]
        )
    )
    padded = ";".join(f"{draw(spaces)}{field}{draw(spaces)}" for field in fields)
    before, _, after = f"@Microsoft.KeyVault({padded})".partition(mark)
    return before, version, after


@given(_pinned(), versions)
def test_at_changes_the_version_and_nothing_else(pinned: tuple[str, str, str], new: str) -> None:
    before, old, after = pinned
    reference = _read(f"{before}{old}{after}")

    moved = reference.at(new)

    assert old == reference.version
    assert moved == f"{before}{new}{after}"
    again = _read(moved)
    assert (reference.vault, reference.secret, new) == (again.vault, again.secret, again.version)


@given(
    st.text(),
    st.sampled_from(["{}", "@Microsoft.KeyVault({})", "@Microsoft.KeyVault(SecretUri={})"]),
)
def test_any_value_of_a_setting_can_be_parsed(text: str, frame: str) -> None:
    candidate = frame.format(text)

    reference = read_reference(candidate)

    assert reference is None or candidate == reference.text
