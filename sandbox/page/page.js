"use strict";

const POLL_MS = 1000;
const TICK_MS = 250;
const HIGHLIGHT_MS = 4000;
const SOON_MS = 60_000;
const MOST_NAMES = 10;

const byId = (id) => document.getElementById(id);

/** The sandbox's clock, which can differ from this browser's. */
let clockOffset = 0;
const sandboxNow = () => Date.now() + clockOffset;

/** Make an element; text is never parsed as HTML. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const tag = (text, kind = "") =>
  element("span", { className: `tag ${kind}`, textContent: text, title: text });
const cell = (...children) => element("td", {}, ...children);
const rowHeader = (text) => element("th", { scope: "row", textContent: text });
const code = (text) => element("code", { textContent: text });

/**
 * Sync a list of elements with items, by key: new, changed and removed elements are highlighted for
 * a moment. Items are { key, shown, fill } where `shown` is everything that the element displays and
 * `fill` writes it.
 */
class LiveList {
  constructor(container, tagName) {
    this.container = container;
    this.tagName = tagName;
    this.elements = new Map();
    this.isFirst = true;
  }

  show(items) {
    const wanted = new Set(items.map((item) => item.key));
    for (const [key, known] of this.elements) {
      if (!wanted.has(key)) this.#vanish(key, known.node);
    }
    items.forEach((item, index) => this.#place(item, index));
    this.isFirst = false;
  }

  #place(item, index) {
    const shown = JSON.stringify(item.shown);
    const known = this.elements.get(item.key);
    if (known === undefined) {
      const node = element(this.tagName);
      item.fill(node);
      this.elements.set(item.key, { node, shown });
      this.container.insertBefore(node, this.#living()[index] ?? null);
      if (!this.isFirst) highlight(node, "appeared");
    } else if (known.shown !== shown) {
      known.shown = shown;
      known.node.replaceChildren();
      item.fill(known.node);
      highlight(known.node, "changed");
    }
  }

  #living() {
    return [...this.container.children].filter((node) => !node.classList.contains("vanishing"));
  }

  #vanish(key, node) {
    this.elements.delete(key);
    node.classList.add("vanishing");
    setTimeout(() => node.remove(), HIGHLIGHT_MS);
  }
}

function highlight(node, kind) {
  node.classList.remove("appeared", "changed");
  void node.offsetWidth; // restarts a running animation
  node.classList.add(kind);
  setTimeout(() => node.classList.remove(kind), HIGHLIGHT_MS);
}

/* ---- temporary access ---- */

function accessItem(assignment) {
  return {
    key: assignment.id,
    shown: assignment,
    fill(card) {
      card.classList.add("card");
      card.dataset.created = Date.parse(assignment.created_on);
      card.dataset.expires = Date.parse(assignment.expires);
      card.append(
        element("strong", { textContent: assignment.principal_name }),
        element("span", { className: "left" }),
        element(
          "span",
          { className: "where" },
          `${assignment.role_name} on `,
          code(shortScope(assignment.scope)),
        ),
        element("span", { className: "left-label", textContent: "left" }),
        element("span", { className: "why", textContent: assignment.description }),
        element("progress", { max: 1, ariaLabel: "time left" }),
      );
    },
  };
}

function tickCountdowns() {
  for (const card of document.querySelectorAll(".card.vanishing")) {
    card.querySelector(".left").textContent = "gone";
    card.querySelector(".left-label").textContent = "";
  }
  for (const card of document.querySelectorAll(".card:not(.vanishing)")) {
    const { created, expires } = card.dataset;
    const left = Number(expires) - sandboxNow();
    card.classList.toggle("soon", left > 0 && left < SOON_MS);
    card.classList.toggle("overdue", left <= 0);
    card.querySelector(".left").textContent = duration(Math.abs(left));
    card.querySelector(".left-label").textContent = left > 0 ? "left" : "overdue";
    card.querySelector("progress").value = Math.max(0, left / (Number(expires) - Number(created)));
  }
}

function duration(ms) {
  const seconds = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function shortScope(scope) {
  const parts = scope.split("/").filter(Boolean);
  const at = parts.findIndex((part) => part.toLowerCase() === "providers");
  if (at < 0) return parts.length > 2 ? `group ${parts.at(-1)}` : "the subscription";
  return parts.slice(at + 3).filter((_, index) => index % 2 === 0).join("/");
}

/* ---- tables ---- */

function standingItem(assignment) {
  return {
    key: assignment.id,
    shown: assignment,
    fill(row) {
      row.append(
        rowHeader(assignment.principal_name),
        cell(assignment.role_name),
        cell(code(shortScope(assignment.scope))),
        cell(assignment.description ?? ""),
      );
    },
  };
}

function groupItem(group) {
  return {
    key: group.id,
    shown: group,
    fill(row) {
      row.append(
        rowHeader(group.name),
        cell(some(group.members)),
        cell(some(group.people)),
      );
    },
  };
}

function some(names) {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${more} more` : names.join(", ");
}

function versionItem(vault, secret, version, isOnlyVault) {
  return {
    key: `${vault.name}/${secret.name}/${version.id}`,
    shown: [secret.deleted, version],
    fill(row) {
      const name = isOnlyVault ? secret.name : `${vault.name}/${secret.name}`;
      row.append(
        version.current ? rowHeader(name) : cell(),
        cell(code(version.id.slice(0, 8))),
        cell(versionState(secret, version)),
        cell(day(Date.parse(version.created))),
        cell(version.expires === null ? "" : day(version.expires * 1000)),
        cell(...Object.entries(version.tags).map(([name, text]) => tag(`${name}: ${text}`))),
      );
    },
  };
}

function versionState(secret, version) {
  if (secret.deleted) return tag("deleted", "bad");
  if (!version.enabled) return tag("disabled", "bad");
  return version.current ? tag("current", "good") : tag("enabled");
}

function day(ms) {
  const text = new Date(ms).toISOString();
  const isToday = text.slice(0, 10) === new Date(sandboxNow()).toISOString().slice(0, 10);
  return isToday ? `today ${text.slice(11, 19)}` : text.slice(0, 10);
}

function settingItem(site, setting, owners) {
  const app = site.slot ? `${site.name}/${site.slot}` : site.name;
  const owner = owners.get(setting.seen_sha256);
  return {
    key: `${app}/${setting.key}`,
    shown: [setting, owner],
    fill(row) {
      row.append(cell(app), element("th", { scope: "row" }, code(setting.key)));
      if (setting.kind === "reference") {
        const pin = setting.pinned ? " (pinned)" : "";
        row.append(cell(`→ ${setting.secret ?? "?"}${pin}`), cell(referenceStatus(setting)));
      } else {
        row.append(cell("••••••••"), cell(owner ? tag(owner.text, owner.kind) : ""));
      }
    },
  };
}

/** Storage account keys and application client secrets, as rows of one table. */
function issuedItems(state, owners) {
  const keys = state.storage_accounts.flatMap((account) =>
    account.keys.map((key) => ({ ...key, system: account.name, id: key.name })),
  );
  const passwords = state.applications.flatMap((application) =>
    application.passwords.map((one) => ({ ...one, system: application.name, id: one.key_id })),
  );
  return [...keys, ...passwords].map((one) => issuedItem(one, owners.get(one.value_sha256)));
}

function issuedItem(credential, owner) {
  return {
    key: `${credential.system}/${credential.id}`,
    shown: [credential, owner],
    fill(row) {
      row.append(
        cell(credential.system),
        rowHeader(credential.name ?? credential.id),
        cell(day(Date.parse(credential.created))),
        cell(owner ? tag(owner.text, owner.kind) : ""),
      );
    },
  };
}

function referenceStatus(setting) {
  if (setting.status !== "Resolved") return tag(setting.status, "bad");
  return tag(`Resolved ${setting.active_version.slice(0, 8)}`, "good");
}

/** Map value digests to secrets, to show which secret a literal setting copies. */
function ownersOfValues(vaults) {
  const owners = new Map();
  for (const secret of vaults.flatMap((vault) => vault.secrets)) {
    for (const version of secret.versions) {
      const known = version.current
        ? { text: `= ${secret.name}`, kind: "good" }
        : { text: `= ${secret.name} ${version.id.slice(0, 8)}`, kind: "warn" };
      owners.set(version.value_sha256, known);
    }
  }
  return owners;
}

function showReaders(state) {
  const many = state.vaults.length > 1;
  const secrets = state.vaults.flatMap((vault) =>
    vault.secrets
      .filter((secret) => !secret.deleted)
      .map((secret) => ({ vault: vault.name, name: secret.name })),
  );
  const label = (secret) => (many ? `${secret.vault}/${secret.name}` : secret.name);
  byId("readers-head").replaceChildren(
    element("th", { scope: "col", textContent: "Person" }),
    ...secrets.map((secret) => element("th", { scope: "col", textContent: label(secret) })),
  );
  byId("readers").replaceChildren(
    ...state.readers.map((reader) => {
      const reads = new Set(reader.reads.map((one) => `${one.vault}/${one.secret}`));
      return element("tr", {}, rowHeader(reader.name), ...secrets.map((secret) =>
        readerCell(reads.has(`${secret.vault}/${secret.name}`)),
      ));
    }),
  );
}

function readerCell(canRead) {
  const made = cell(canRead ? "✓" : "–");
  made.className = canRead ? "yes" : "";
  made.setAttribute("aria-label", canRead ? "yes" : "no");
  return made;
}

/* ---- faults ---- */

/** The buttons by key: each is made once, so that it keeps the keyboard's focus. */
const switches = new Map();

function showFaults(state) {
  for (const fault of state.prepared) {
    const known = switches.get(fault.key) ?? addSwitch(fault);
    const isOn = known.button.getAttribute("aria-pressed") === "true";
    if (isOn === fault.on) continue;
    known.button.setAttribute("aria-pressed", fault.on);
    known.state.textContent = fault.on ? "on" : "off";
    known.state.className = fault.on ? "tag warn" : "tag";
    say(`${fault.title}: ${fault.on ? "on" : "off"}.`);
  }
}

function addSwitch(fault) {
  const described = `effect-${fault.key}`;
  const state = element("span", { className: "tag", textContent: "off", ariaHidden: "true" });
  const button = element("button", { type: "button" }, fault.title, state);
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-describedby", described);
  button.addEventListener("click", () => flip(fault.key, button));
  const effect = element("p", { id: described, textContent: fault.effect });
  byId("faults").append(element("li", {}, button, effect));
  switches.set(fault.key, { button, state });
  return switches.get(fault.key);
}

async function flip(key, button) {
  const method = button.getAttribute("aria-pressed") === "true" ? "DELETE" : "POST";
  try {
    await fetch(`/sandbox/prepared/${key}`, { method });
  } finally {
    await refresh();
  }
}

/* ---- announcements for screen readers ---- */

let knownAccess = null;

function say(text) {
  byId("news").textContent = text;
}

function tellNews(access) {
  const now = new Map(access.map((one) => [one.id, `${one.principal_name}: ${one.role_name}`]));
  if (knownAccess !== null) {
    const came = [...now].filter(([id]) => !knownAccess.has(id)).map(([, text]) => text);
    const went = [...knownAccess].filter(([id]) => !now.has(id)).map(([, text]) => text);
    const news = [...came.map((one) => `granted to ${one}`), ...went.map((one) => `removed from ${one}`)];
    if (news.length > 0) say(`Access ${news.join("; ")}.`);
  }
  knownAccess = now;
}

/* ---- the loop ---- */

const lists = {
  access: new LiveList(byId("access"), "li"),
  groups: new LiveList(byId("groups"), "tr"),
  standing: new LiveList(byId("standing"), "tr"),
  secrets: new LiveList(byId("secrets"), "tr"),
  settings: new LiveList(byId("settings"), "tr"),
  issued: new LiveList(byId("issued"), "tr"),
};

function show(state) {
  clockOffset = Date.parse(state.now) - Date.now();
  const access = state.role_assignments.filter((one) => one.expires !== null);
  const standing = state.role_assignments.filter((one) => one.expires === null);
  const isOnlyVault = state.vaults.length === 1;
  const owners = ownersOfValues(state.vaults);
  lists.access.show(access.map(accessItem));
  lists.standing.show(standing.map(standingItem));
  lists.groups.show(state.groups.map(groupItem));
  lists.secrets.show(
    state.vaults.flatMap((vault) =>
      vault.secrets.flatMap((secret) =>
        secret.versions.map((version) => versionItem(vault, secret, version, isOnlyVault)),
      ),
    ),
  );
  lists.settings.show(
    state.sites.flatMap((site) =>
      site.settings.map((setting) => settingItem(site, setting, owners)),
    ),
  );
  lists.issued.show(issuedItems(state, owners));
  showReaders(state);
  showFaults(state);
  tellNews(access);
  byId("access-count").textContent = access.length || "";
  byId("standing-count").textContent = standing.length;
  tickCountdowns();
  letKeyboardScroll();
}

/** A table that is wider than its place can be reached, and then scrolled, by keyboard. */
function letKeyboardScroll() {
  for (const place of document.querySelectorAll(".scroll")) {
    if (place.scrollWidth > place.clientWidth) {
      place.tabIndex = 0;
      place.setAttribute("role", "group");
      place.setAttribute("aria-labelledby", place.closest("section").getAttribute("aria-labelledby"));
    } else {
      for (const name of ["tabindex", "role", "aria-labelledby"]) place.removeAttribute(name);
    }
  }
}

async function refresh() {
  const connection = byId("connection");
  try {
    const answer = await fetch("/sandbox/state", { cache: "no-store" });
    show(await answer.json());
    connection.className = "live";
    connection.textContent = `${new Date(sandboxNow()).toISOString().slice(11, 19)} UTC`;
  } catch {
    connection.className = "lost";
    connection.textContent = "the sandbox isn't responding";
  }
}

async function poll() {
  await refresh();
  setTimeout(poll, POLL_MS);
}

setInterval(tickCountdowns, TICK_MS);
addEventListener("resize", letKeyboardScroll);
poll();
