"""HTTP for python-telegram-bot on aiohttp and orjson; it tells what was not sent from what may have been."""

import io
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import aiohttp
import orjson
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyType
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import BadRequest, NetworkError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from chat.answers import MaybeSent, NotSent, judge, read_answer

# Telegram and the usual reverse proxies keep an idle connection for a minute or more. Dropping ours well
# before means that a request is hardly ever written to a connection which the other side is just closing.
KEEP_ALIVE: Final = 15.0
DNS_CACHE: Final = 60

_JSON_HEADERS: Final = MappingProxyType({"Content-Type": "application/json"})
_PROXY_KINDS: Final = MappingProxyType(
    {
        "http": (ProxyType.HTTP, 80),
        "https": (ProxyType.HTTP, 443),
        "socks4": (ProxyType.SOCKS4, 1080),
        "socks5": (ProxyType.SOCKS5, 1080),
        "socks5h": (ProxyType.SOCKS5, 1080),
    }
)


class _Connecting(aiohttp.TCPConnector):
    """Marks what fails before there is a connection: until then not a byte of a request has been written."""

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        try:
            return await super().connect(req, traces, timeout)
        except TimeoutError:
            failure = "no connection in time"
        except Exception as error:
            failure = _describe(error)
        # Raised outside the except block, so that the library's error, whose text or frames may hold the
        # address with the token, is not carried along as the context.
        raise NotSent(failure)


class _ProxyConnecting(_Connecting, ProxyConnector):
    """The same through a proxy, whose refusal also comes before the request is written."""


def _describe(error: Exception) -> str:
    """The kind of an error and, where its text cannot hold an address of ours, the text."""
    if isinstance(error, ProxyConnectionError | ProxyError):
        detail: str | None = str(error)
    else:
        detail = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__


class AiohttpRequest(BaseRequest):
    """The transport of one bot: kept-alive connections, JSON bodies, multipart where files are sent.

    ``proxy`` is ``http://``, ``https://``, ``socks4://``, ``socks5://`` or ``socks5h://``, with
    ``user:password@`` where needed; names are resolved by the proxy, except with SOCKS4.

    All timeouts are seconds: ``pool_timeout`` for a free connection, ``connect_timeout`` for connecting
    (through the proxy and TLS too), ``read_timeout`` for the next piece of the answer, ``write_timeout``
    (with files ``media_write_timeout``) for the body. Their sum is the hard limit of a whole request.

    Redirects are not followed: the Bot API knows none, and the address holds the token.
    """

    __slots__ = (
        "_connect",
        "_media_write",
        "_pool",
        "_pool_size",
        "_proxy",
        "_read",
        "_session",
        "_timeouts",
        "_write",
    )

    def __init__(
        self,
        *,
        connection_pool_size: int = 256,
        proxy: str | None = None,
        read_timeout: float = 10.0,
        write_timeout: float = 5.0,
        media_write_timeout: float = 60.0,
        connect_timeout: float = 5.0,
        pool_timeout: float = 5.0,
    ) -> None:
        self._pool_size = connection_pool_size
        self._proxy = _proxy_arguments(proxy) if proxy else None
        self._read, self._write, self._media_write = read_timeout, write_timeout, media_write_timeout
        self._connect, self._pool = connect_timeout, pool_timeout
        self._session: aiohttp.ClientSession | None = None
        self._timeouts: dict[tuple[float | None, ...], aiohttp.ClientTimeout] = {}

    @property
    def read_timeout(self) -> float:
        """The default wait for an answer, in seconds; getUpdates adds its long-poll time to it."""
        return self._read

    async def initialize(self) -> None:
        """Open the session, in the running loop; calling it again does nothing."""
        if self._session is not None:
            return
        options: dict[str, Any] = {
            "limit": self._pool_size,
            "keepalive_timeout": KEEP_ALIVE,
        }
        connector = (
            _ProxyConnecting(**self._proxy, **options)
            if self._proxy
            else _Connecting(ttl_dns_cache=DNS_CACHE, **options)
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.USER_AGENT},
        )

    async def shutdown(self) -> None:
        """Close the connections; initialize opens them anew."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request and give the Bot API's status and body.

        Raises NotSent, MaybeSent, FloodControl, or BadRequest for what cannot be encoded. Neither their texts
        nor what they are chained to hold the address.
        """
        media = request_data is not None and request_data.contains_files
        timeout = self._timeout(
            _given(read_timeout, self._read),
            _given(write_timeout, self._media_write if media else self._write),
            _given(connect_timeout, self._connect),
            _given(pool_timeout, self._pool),
        )
        body, headers = _encode(request_data)
        status, payload = await self._exchange(method, url, body, headers, timeout)
        return judge(status, payload, is_call=method == "POST")

    async def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | aiohttp.MultipartWriter | None,
        headers: Mapping[str, str] | None,
        timeout: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        """Write the request and read the whole answer."""
        if self._session is None:
            raise NotSent("the transport is not open")
        error: NetworkError
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except NotSent:
            raise
        except TimeoutError:
            error = MaybeSent("no answer in time")
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            error = NotSent("the server's address is not valid")
        except Exception as failure:
            error = MaybeSent(_describe(failure))
        # Outside the except block for the same reason as in _Connecting.connect.
        raise error

    def _timeout(
        self, read: float | None, write: float | None, connect: float | None, pool: float | None
    ) -> aiohttp.ClientTimeout:
        """aiohttp's form of four timeouts, made once for every combination in use."""
        key = (read, write, connect, pool)
        found = self._timeouts.get(key)
        if found is None:
            # Shorter than the whole, so that a failure to connect always ends first and is known as such.
            connected = None if connect is None or pool is None else connect + pool
            whole = None if connected is None or read is None or write is None else connected + read + write
            found = aiohttp.ClientTimeout(
                total=whole,
                connect=connected,
                sock_connect=connect,
                sock_read=read,
                ceil_threshold=float("inf"),  # no rounding up to whole seconds
            )
            if len(self._timeouts) < 64:  # callers with ever new timeouts must not fill the memory
                self._timeouts[key] = found
        return found

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer; MaybeSent if it is none of the Bot API's."""
        return read_answer(payload)


def _given(value: ODVInput[float], default: float) -> float | None:
    """The timeout a caller passed, or ours."""
    return default if isinstance(value, DefaultValue) else value


def _proxy_arguments(url: str) -> dict[str, Any]:
    """The arguments of ProxyConnector; ValueError, without the credentials, for an address it cannot use."""
    try:
        address = URL(url)
        kind, port = _PROXY_KINDS[address.scheme]
    except (ValueError, KeyError):
        address = None
    if address is None or not address.host:
        raise ValueError(f"the proxy must be an address that begins with one of {', '.join(_PROXY_KINDS)}")
    return {
        "proxy_type": kind,
        "host": address.host,
        "port": address.explicit_port or port,
        "username": address.user or "",
        "password": address.password or "",
        "rdns": kind is not ProxyType.SOCKS4,
        "proxy_ssl": ssl.create_default_context() if address.scheme == "https" else None,
    }


def _encode(
    data: RequestData | None,
) -> tuple[bytes | aiohttp.MultipartWriter | None, Mapping[str, str] | None]:
    """The body and the headers of a request."""
    parameters = data.parameters if data else None
    if not data or not (parameters or data.contains_files):
        return None, None
    try:
        if data.contains_files:
            return _multipart(data), None
        # The Bot API reads nested objects of a JSON body as they are; only forms want them as strings.
        return orjson.dumps(parameters), _JSON_HEADERS
    except (TypeError, ValueError):
        # Half a surrogate pair, for one: no attempt will ever encode it, so this is a refusal.
        raise BadRequest("the request cannot be encoded") from None


def _multipart(data: RequestData) -> aiohttp.MultipartWriter:
    """A form with files. File names go out as UTF-8: percent-encoded ones would be shown so in the chat."""
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value in data.parameters.items():
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        form.add_field(name, text)
    for name, (file_name, content, media_type) in data.multipart_data.items():
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=file_name, content_type=media_type)
    return cast("aiohttp.MultipartWriter", form())
