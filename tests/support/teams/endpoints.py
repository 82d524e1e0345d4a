"""The fake Teams' endpoints: the connector API and the Bot Framework's signing keys."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.support.teams.activities import Json, Person
from tests.support.teams.record import Fault, Record, Request, Upload
from tests.support.teams.tokens import ISSUER, TokenMint

_CREATED = 201
_Handler = Callable[[web.Request], Awaitable[web.Response]]


class Endpoints:
    """Serve a record and a token mint over HTTP."""

    def __init__(self, record: Record, mint: TokenMint) -> None:
        self._record = record
        self._mint = mint
        self._released = asyncio.Event()
        self._late: set[asyncio.Task[None]] = set()

    def release(self) -> None:
        """Release the requests that hang."""
        self._released.set()

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application(client_max_size=2**23)
        conversations = "/emea/v3/conversations"
        one = conversations + "/{conversation}"
        app.add_routes(
            [
                web.get("/v1/.well-known/openidconfiguration", self._metadata),
                web.get("/v1/.well-known/keys", self._keys),
                web.post(conversations, self._faulty(self._create)),
                web.post(f"{one}/activities", self._faulty(self._send)),
                web.post(f"{one}/activities/{{activity}}", self._faulty(self._send)),
                web.put(f"{one}/activities/{{activity}}", self._faulty(self._update)),
                web.delete(f"{one}/activities/{{activity}}", self._faulty(self._delete)),
                web.get(f"{one}/members/{{member}}", self._faulty(self._member)),
                web.get(f"{one}/pagedmembers", self._faulty(self._members)),
                web.get("/emea/v3/teams/{team}", self._faulty(self._team)),
                web.put("/onedrive/upload", self._faulty(self._upload)),
            ]
        )
        return app

    def _faulty(self, handle: _Handler) -> _Handler:
        """Apply the next matching fault, if any, before or after the request's effect."""

        async def handler(request: web.Request) -> web.Response:
            authorization = request.headers.get("Authorization")
            self._record.requests.append(Request(request.method, request.raw_path, authorization))
            about = await _about(request)
            await self._record.be_slow(*about)
            size = len(await request.read())
            if refusal := self._record.refusal_of(*about, size=size):
                return _fault_response(refusal)
            fault = self._record.next_fault(request.method, about)
            if fault and fault.slow_seconds:
                return await _after(fault.slow_seconds, handle, request)
            if fault and fault.late_seconds:
                late = asyncio.create_task(self._carry_out_late(fault, handle, request))
                self._late.add(late)
                late.add_done_callback(self._late.discard)
                return _fault_response(fault)
            if fault is None or fault.after_effect:
                response = await handle(request)
                if fault is None:
                    return response
            if fault.hang:
                await self._released.wait()
            if fault.drop and request.transport:
                request.transport.abort()
            return _fault_response(fault)

        return handler

    async def _carry_out_late(self, fault: Fault, handle: _Handler, request: web.Request) -> None:
        response = await _after(fault.late_seconds, handle, request)
        if request.method == "POST" and response.status == _CREATED:
            body: Json = json.loads(response.text or "")
            self._record.posted_late.add(body.get("activityId") or body["id"])

    async def _metadata(self, request: web.Request) -> web.Response:
        self._mint.fetches += 1
        if not self._mint.reachable:
            return web.Response(status=503)
        keys = str(request.url.with_path("/v1/.well-known/keys"))
        return web.json_response({"issuer": ISSUER, "jwks_uri": keys})

    async def _keys(self, request: web.Request) -> web.Response:
        return web.json_response(self._mint.key_set())

    async def _create(self, request: web.Request) -> web.Response:
        opened = self._record.open(await request.json())
        if opened is None:
            return _fault_response(Fault(403, "BotNotInConversationRoster"))
        conversation_id, activity_id = opened
        body = {"id": conversation_id} | ({"activityId": activity_id} if activity_id else {})
        return web.json_response(body, status=201)

    async def _send(self, request: web.Request) -> web.Response:
        place, reply_to = request.match_info["conversation"], request.match_info.get("activity")
        message = self._record.take(place, await request.json(), reply_to)
        return web.json_response({"id": message.id}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        message = self._record.find(
            request.match_info["conversation"], request.match_info["activity"]
        )
        if message is None:
            return _fault_response(Fault(404, "ActivityNotFoundInConversation"))
        self._record.update(message, await request.json())
        return web.json_response({"id": message.id})

    async def _delete(self, request: web.Request) -> web.Response:
        message = self._record.find(
            request.match_info["conversation"], request.match_info["activity"]
        )
        if message is None:
            return _fault_response(Fault(404, "ActivityNotFoundInConversation"))
        message.deleted = True
        return web.Response()

    async def _upload(self, request: web.Request) -> web.Response:
        headers = request.headers
        body, ranges = await request.read(), headers.get("Content-Range", "")
        pieces = self._record.pieces
        pieces.append(body)
        whole = b"".join(pieces)
        if not ranges.endswith(f"-{len(whole) - 1}/{len(whole)}"):
            return web.json_response({"nextExpectedRanges": [f"{len(whole)}-"]}, status=202)
        pieces.clear()
        self._record.uploads.append(Upload(whole, ranges, headers.get("Authorization")))
        return web.json_response({"id": "item"}, status=201)

    async def _member(self, request: web.Request) -> web.Response:
        conversation, member = request.match_info["conversation"], request.match_info["member"]
        is_chat = conversation.startswith("a:")
        for person in self._record.chatting if is_chat else self._record.people:
            if member in (person.id, person.object_id):
                return web.json_response(self._as_member(person))
        return _fault_response(Fault(404, "MemberNotFoundInConversation"))

    async def _members(self, request: web.Request) -> web.Response:
        start = int(request.query.get("continuationToken", "0"))
        end = start + self._record.page_size
        page: Json = {
            "members": [self._as_member(person) for person in self._record.people[start:end]]
        }
        if end < len(self._record.people):
            page["continuationToken"] = str(end)
        return web.json_response(page)

    async def _team(self, request: web.Request) -> web.Response:
        team = request.match_info["team"]
        group_id = self._record.teams.get(team)
        if group_id is None:
            return _fault_response(Fault(404, "ConversationNotFound"))
        body = {"id": team, "name": "Operations", "aadGroupId": group_id, "channelCount": 2}
        return web.json_response(body)

    def _as_member(self, person: Person) -> Json:
        """Return a person as a member of a conversation."""
        role = "guest" if person in self._record.guests else "user"
        ids = {"objectId": person.object_id, "tenantId": ""}
        return person.account() | ids | {"userRole": role}


async def _after(seconds: float, handle: _Handler, request: web.Request) -> web.Response:
    await asyncio.sleep(seconds)
    return await handle(request)


async def _about(request: web.Request) -> list[str]:
    """Return the IDs that a request concerns: its message, conversation or thread, and channel."""
    ids = [request.match_info.get("activity"), request.match_info.get("conversation")]
    if not request.match_info and request.method == "POST":
        body: Json = await request.json()
        ids.append(((body.get("channelData") or {}).get("channel") or {}).get("id"))
    return [each for each in ids if each]


def _fault_response(fault: Fault) -> web.Response:
    named = {"Retry-After": fault.retry_after, "Location": fault.location}
    headers = {name: str(value) for name, value in named.items() if value is not None}
    if fault.text is not None:
        return web.Response(status=fault.status, text=fault.text, content_type="text/html")
    body = {"error": {"code": fault.code, "message": "as the test asked"}}
    return web.json_response(body, status=fault.status, headers=headers)
