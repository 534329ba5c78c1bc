# The extension module, as type checkers see it. tests/python/test_stubs.py compares the two.
from os import PathLike
from typing import (
    Any,
    Callable,
    Iterable,
    List,
    Mapping,
    Optional,
    Tuple,
    TypedDict,
    TypeVar,
    Union,
    final,
    overload,
    type_check_only,
)

from typing_extensions import Buffer, Unpack

from .constants import ConnectionState, DialerState
from .records import CloseEvent, DialerEvent, DrainReport, Missed, RoundTrips, Statistics

__version__: str

def _check_interpreter() -> None: ...

_T = TypeVar("_T")
_Text = Union[str, PathLike[str]]
_Headers = Union[Mapping[str, str], Iterable[Tuple[str, str]]]
_ServerT = TypeVar("_ServerT", bound=Server)
_DialerT = TypeVar("_DialerT", bound=Dialer)

# What on_message gets: bytes, or with zero_copy=True a memoryview, for binary messages.
_OnMessage = Callable[[Connection, Any], object]
_OnError = Callable[[Optional[Connection], BaseException], object]

@final
class PreparedMessage:
    def __new__(
        cls,
        message: Union[str, Buffer],
        *,
        text: Optional[bool] = None,
        key: int = 0,
        lifetime_ms: int = 0,
    ) -> PreparedMessage: ...
    def __len__(self) -> int: ...

@final
class Connection:
    user: Any
    @property
    def id(self) -> int: ...
    @property
    def server(self) -> Server: ...
    @property
    def remote_address(self) -> str: ...
    @property
    def uri(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def channels(self) -> List[str]: ...
    @property
    def queued_bytes(self) -> int: ...
    @property
    def state(self) -> ConnectionState: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def round_trips(self) -> Optional[RoundTrips]: ...
    def send(
        self,
        message: Union[str, Buffer, PreparedMessage],
        /,
        *,
        text: Optional[bool] = None,
        key: int = 0,
        lifetime_ms: int = 0,
    ) -> None: ...
    def close(self, code: int = 1000, reason: str = "") -> None: ...
    def ping(self) -> None: ...
    @overload
    def header(self, name: str, default: None = None) -> Optional[str]: ...
    @overload
    def header(self, name: str, default: _T) -> Union[str, _T]: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def subscribe(self, channel: str) -> None: ...
    def subscribe_after(self, channel: str, number: int, epoch: int = 0) -> Missed: ...
    def unsubscribe(self, channel: str) -> None: ...
    def set_heartbeat(
        self,
        *,
        interval_ms: int = 30000,
        max_interval_ms: int = 0,
        timeout_ms: int = 20000,
        misses: int = 1,
    ) -> None: ...
    def set_backpressure_policy(self, policy: int) -> None: ...

class Handshake:
    @property
    def id(self) -> int: ...
    @property
    def server(self) -> Server: ...
    @property
    def method(self) -> str: ...
    @property
    def uri(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def remote_address(self) -> str: ...
    @property
    def headers(self) -> List[Tuple[str, str]]: ...
    @property
    def subprotocols(self) -> List[str]: ...
    @overload
    def header(self, name: str, default: None = None) -> Optional[str]: ...
    @overload
    def header(self, name: str, default: _T) -> Union[str, _T]: ...
    def accept(
        self,
        *,
        subprotocol: Optional[str] = None,
        headers: Optional[_Headers] = None,
        user: Any = None,
    ) -> None: ...
    def reject(
        self, status: int = 403, *, headers: Optional[_Headers] = None, body: Union[str, Buffer] = b""
    ) -> None: ...

_Event = Tuple[int, Connection, Any]

class EventQueue:
    def __init__(self, *, max_bytes: int = 67108864) -> None: ...
    def fileno(self) -> int: ...
    def take(self, max: int = 256) -> List[_Event]: ...
    def close(self) -> None: ...

@type_check_only
class _Callbacks(TypedDict, total=False):
    on_open: Optional[Callable[[Connection], object]]
    on_message: Optional[_OnMessage]
    on_close: Optional[Callable[[Connection, CloseEvent], object]]
    on_heartbeat: Optional[Callable[[Connection, int], object]]
    on_watermark: Optional[Callable[[Connection, bool, int], object]]
    on_error: Optional[_OnError]
    zero_copy: bool

@type_check_only
class _PathOptions(_Callbacks, total=False):
    on_handshake: Optional[Callable[[Handshake], object]]
    origins: Optional[str]
    max_connections: Optional[int]
    max_message_bytes: Optional[int]
    max_queued_bytes: Optional[int]
    idle_timeout_ms: Optional[int]
    heartbeat_interval_ms: Optional[int]
    heartbeat_timeout_ms: Optional[int]
    close_timeout_ms: Optional[int]
    backpressure_policy: Optional[int]
    high_watermark_bytes: Optional[int]
    low_watermark_bytes: Optional[int]
    heartbeat_max_interval_ms: Optional[int]
    heartbeat_misses: Optional[int]
    max_messages_per_second: Optional[int]
    rate_policy: Optional[int]
    max_bytes_per_second: Optional[int]
    send_timeout_ms: Optional[int]

@type_check_only
class _ServerOptions(_PathOptions, total=False):
    event_queue: Optional[EventQueue]
    log: Optional[Callable[[int, str], object]]
    host: Optional[str]
    port: Optional[int]
    unix_path: Optional[_Text]
    path: Optional[str]
    threads: Optional[int]
    handshake_timeout_ms: Optional[int]
    backlog: Optional[int]
    share_port: Optional[int]
    event_loop: Optional[str]
    allowed_hosts: Optional[str]
    max_channels: Optional[int]
    max_subscriptions: Optional[int]
    proxy_header: Optional[int]
    trusted_proxies: Optional[str]
    deflate: Optional[int]
    deflate_window_bits: Optional[int]
    deflate_threshold_bytes: Optional[int]
    deflate_context_takeover: Optional[int]
    deflate_level: Optional[int]
    address_prefix_v4: Optional[int]
    address_prefix_v6: Optional[int]
    max_connections_per_address: Optional[int]
    max_handshakes_per_address: Optional[int]
    max_queued_bytes_total: Optional[int]
    max_receiving_bytes_total: Optional[int]
    max_pending_handshakes: Optional[int]
    max_pending_handshakes_per_address: Optional[int]

@type_check_only
class _DialerOptions(_Callbacks, total=False):
    on_state: Optional[Callable[[Dialer, DialerEvent], object]]
    subprotocols: Union[None, str, Iterable[str]]
    headers: Optional[_Headers]
    proxy: Optional[str]
    connect_timeout_ms: Optional[int]
    retry_first_ms: Optional[int]
    retry_max_ms: Optional[int]
    max_attempts: Optional[int]
    connections: Optional[int]
    tls_verify: Optional[int]
    tls_ca_file: Optional[_Text]
    max_message_bytes: Optional[int]
    max_queued_bytes: Optional[int]
    idle_timeout_ms: Optional[int]
    heartbeat_interval_ms: Optional[int]
    heartbeat_timeout_ms: Optional[int]
    close_timeout_ms: Optional[int]
    backpressure_policy: Optional[int]
    high_watermark_bytes: Optional[int]
    low_watermark_bytes: Optional[int]
    heartbeat_max_interval_ms: Optional[int]
    heartbeat_misses: Optional[int]
    max_messages_per_second: Optional[int]
    rate_policy: Optional[int]
    max_bytes_per_second: Optional[int]
    send_timeout_ms: Optional[int]

@type_check_only
class _DrainOptions(TypedDict, total=False):
    deadline_ms: Optional[int]
    spread_ms: Optional[int]
    code: Optional[int]
    reason: Optional[str]

@type_check_only
class _Heartbeat(TypedDict, total=False):
    interval_ms: Optional[int]
    max_interval_ms: Optional[int]
    timeout_ms: Optional[int]
    misses: Optional[int]

@type_check_only
class _History(TypedDict, total=False):
    max_messages: Optional[int]
    max_age_ms: Optional[int]
    max_bytes: Optional[int]

class Server:
    def __init__(self, **options: Unpack[_ServerOptions]) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def drain(self, **options: Unpack[_DrainOptions]) -> DrainReport: ...
    def wait(self, timeout: Optional[float] = None) -> bool: ...
    def __enter__(self: _ServerT) -> _ServerT: ...
    def __exit__(self, *exception: object) -> None: ...
    def add_path(self, path: str, /, **options: Unpack[_PathOptions]) -> None: ...
    def broadcast(
        self,
        message: Union[str, Buffer, PreparedMessage],
        /,
        *,
        text: Optional[bool] = None,
        exclude: Optional[Connection] = None,
    ) -> None: ...
    def publish(
        self,
        channel: str,
        message: Union[str, Buffer, PreparedMessage],
        /,
        *,
        text: Optional[bool] = None,
        exclude: Optional[Connection] = None,
    ) -> int: ...
    def publish_numbered(
        self,
        channel: str,
        message: Union[str, Buffer],
        /,
        number_at: int,
        *,
        text: Optional[bool] = None,
        exclude: Optional[Connection] = None,
    ) -> int: ...
    def channel_size(self, channel: str, /) -> int: ...
    def set_history(self, channel: str, /, **bounds: Unpack[_History]) -> None: ...
    def end_history(self, channel: str, /) -> None: ...
    def set_heartbeat(self, path: Optional[str] = None, /, **heartbeat: Unpack[_Heartbeat]) -> None: ...
    def statistics(self, loop: Optional[int] = None) -> Statistics: ...
    @property
    def port(self) -> int: ...
    @property
    def loops(self) -> int: ...
    @property
    def event_loop(self) -> str: ...
    @property
    def is_running(self) -> bool: ...
    @property
    def connections(self) -> List[Connection]: ...

class Dialer:
    def __init__(
        self, server: Server, urls: Union[str, Iterable[str]], **options: Unpack[_DialerOptions]
    ) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...
    def __enter__(self: _DialerT) -> _DialerT: ...
    def __exit__(self, *exception: object) -> None: ...
    def remember(
        self, key: str, message: Union[str, Buffer], /, *, text: Optional[bool] = None
    ) -> None: ...
    def forget(self, key: str, /) -> None: ...
    def connection(self, index: int = 0) -> Optional[Connection]: ...
    @property
    def state(self) -> DialerState: ...
    @property
    def connections(self) -> List[Connection]: ...
    @property
    def server(self) -> Server: ...
