"""A client of Home Assistant's REST and websocket interfaces, as a browser and scripts use them."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp

type Answer = dict[str, Any]

_ANSWER = 30.0
"""Home Assistant answers anything within this time, in s."""


class ClientError(Exception):
    """Home Assistant refused a request, or answered what was not expected."""


class Unreachable(ClientError):
    """Nobody answered."""


class NotInTime(ClientError):
    """Something that was waited for did not happen."""


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, aiohttp.WSMessageTypeError, TimeoutError) as err:
        raise Unreachable(f"{type(err).__name__}: {err}") from err


class Client:
    """One signed-in session."""

    def __init__(self, url: str, token: str) -> None:
        """Prepare to talk to the Home Assistant at `url`."""
        self._token = token
        patience = aiohttp.ClientTimeout(total=_ANSWER)
        self._session = aiohttp.ClientSession(
            url, headers={"Authorization": f"Bearer {token}"}, timeout=patience
        )
        self._stranger = aiohttp.ClientSession(url, timeout=patience)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._last_id = 0
        self._turn = asyncio.Lock()

    async def hang_up(self) -> None:
        """Leave the websocket until the next command: a Home Assistant that ends would wait for it."""
        async with self._turn:
            if self._socket is not None:
                await self._socket.close()

    async def close(self) -> None:
        """End the session."""
        await self.hang_up()
        await self._session.close()
        await self._stranger.close()

    async def get(self, path: str) -> Any:
        """GET a path below /api/ and return its JSON."""
        return json.loads(await _ask(self._session, "GET", f"/api/{path}"))

    async def post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """POST fields to a path below /api/ and return the JSON object answered."""
        answer: Answer = json.loads(await _ask(self._session, "POST", f"/api/{path}", fields))
        return answer

    async def delete(self, path: str) -> None:
        """DELETE a path below /api/."""
        await _ask(self._session, "DELETE", f"/api/{path}")

    async def page(self, path: str) -> str:
        """GET a page without signing in, as a browser's first request does."""
        return await _ask(self._stranger, "GET", path)

    async def sign_in(self, address: str, provider: str) -> Answer:
        """Begin to sign in as a browser that nobody knows does, and return what is answered."""
        fields = {"client_id": address, "redirect_uri": address, "handler": [provider, None]}
        answer: Answer = json.loads(await _ask(self._stranger, "POST", "/auth/login_flow", fields))
        return answer

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send one websocket command and return its result."""
        async with self._turn:
            with _errors_translated():
                socket = await self._connected()
                self._last_id += 1
                await socket.send_json({"id": self._last_id, "type": kind, **fields})
                answer = await socket.receive_json(timeout=_ANSWER)
        if not answer.get("success"):
            raise ClientError(f"{kind}: {answer.get('error', answer)}")
        return answer["result"]

    async def action(self, name: str, **fields: Any) -> None:
        """Call an action such as `switch.turn_on`; a refusal raises ClientError with the reason."""
        domain, service = name.split(".")
        await self.command("call_service", domain=domain, service=service, service_data=fields)

    async def response(self, name: str, **fields: Any) -> Answer:
        """Call an action that answers, such as `battmon.get_samples`, and return its response."""
        domain, service = name.split(".")
        result = await self.command(
            "call_service", domain=domain, service=service, service_data=fields, return_response=True
        )
        response: Answer = result["response"]
        return response

    async def listen(self, heard: Callable[[Answer], object]) -> None:
        """Hand over the new state of whatever changes, on a websocket of its own, until cancelled."""
        with _errors_translated():
            async with await self._open() as socket:
                await socket.send_json({"id": 1, "type": "subscribe_events", "event_type": "state_changed"})
                while True:
                    message = await socket.receive_json()
                    if message["type"] == "event" and (state := message["event"]["data"]["new_state"]):
                        heard(state)

    async def state(self, entity_id: str) -> str:
        """Return the state of an entity as text."""
        answer: Answer = await self.get(f"states/{entity_id}")
        return str(answer["state"])

    async def states(self) -> dict[str, str]:
        """Return the state of every entity as text, by entity id."""
        return {row["entity_id"]: row["state"] for row in await self.get("states")}

    async def _connected(self) -> aiohttp.ClientWebSocketResponse:
        if self._socket is None or self._socket.closed:
            self._socket = await self._open()
        return self._socket

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        # The list of every action with its description may outgrow aiohttp's limit one day.
        socket = await self._session.ws_connect("/api/websocket", max_msg_size=0)
        await socket.receive_json(timeout=_ANSWER)
        await socket.send_json({"type": "auth", "access_token": self._token})
        if (answer := await socket.receive_json(timeout=_ANSWER))["type"] != "auth_ok":
            raise ClientError(f"signing in: {answer}")
        return socket


async def _ask(session: aiohttp.ClientSession, method: str, path: str, fields: object = None) -> str:
    with _errors_translated():
        async with session.request(method, path, json=fields) as response:
            text = await response.text()
    if response.status >= 400:
        raise ClientError(f"{method} {path} answered {response.status}: {text}")
    return text


class Patience:
    """Asks again until an answer is true or the time is up."""

    def __init__(self, seconds: float, pause: float = 0.1) -> None:
        self._seconds = seconds
        self._pause = pause

    async def until(self, what: str, ask: Callable[[], Awaitable[object]]) -> float:
        """Wait until `ask` answers something true; return the seconds it took."""
        begun = time.monotonic()
        while not await ask():
            if time.monotonic() - begun > self._seconds:
                raise NotInTime(f"not within {self._seconds:g} s: {what}")
            await asyncio.sleep(self._pause)
        return time.monotonic() - begun
