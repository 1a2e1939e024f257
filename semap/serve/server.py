"""An application and a socket in, requests answered until somebody says stop."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from semap.errors import SettingsError
from semap.serve.backend import Starlette, uvicorn
from semap.serve.log import UvicornLines
from semap.serve.protocol import PatientProtocol
from semap.serve.service import Service
from semap.serve.settings import ServeSettings

__all__ = ["Server", "address", "listen", "run"]

_BACKLOG = 2048
_KEPT_OPEN = 75  # seconds without a request; longer than the usual clients keep a connection, so that they close it, not we
_UNSENT = 128 << 10  # bytes that the system takes before the client has taken others
_TURNING_AWAY = 0.25  # seconds in which clients of open connections are told to close them
_COLLECTED = (2000, 10, 10)  # connections that end leave cycles behind; a command's process looks for none, to start faster
# Seconds after which a thread that encodes lets the one that answers go on; that one has to ask anew after each reading and
# writing. With Python's 5 ms, similar beside a load of embeddings was answered 160 times a second, with this 239 (medians of 7).
_INTERVAL = 0.0005
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listen(settings: ServeSettings) -> socket.socket:
    """Return a socket that is bound to the host and port; nothing is accepted before `run`.

    Raises SettingsError where the port is taken, or the host none of this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sends small parts at once (TCP_NODELAY) only where the protocol is named; otherwise an answer waits 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # so that a client which takes its answer slowly is seen to take it
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        bound.bind((settings.host, settings.port))
        bound.listen(_BACKLOG)  # of two that bind the same port at once, the second fails here
    except OSError as failure:
        bound.close()
        raise SettingsError(_why(settings, failure)) from None
    return bound


def _why(settings: ServeSettings, failure: OSError) -> str:
    if isinstance(failure, socket.gaierror) or failure.errno is None:
        return f"host {settings.host!r} is no address: {failure.strerror or failure}; give one of this machine's, as 127.0.0.1"
    reasons = {
        "EADDRINUSE": f"port {settings.port} of {settings.host} is in use; give another with --port, or --port 0 for a free one",
        "EACCES": f"port {settings.port} needs more rights than this process has; give one from 1024",
        "EADDRNOTAVAIL": f"host {settings.host!r} is none of this machine's addresses; give one, as 127.0.0.1",
    }
    name = errno.errorcode.get(failure.errno, "")
    return reasons.get(name, f"cannot listen at {settings.host} port {settings.port}: {failure.strerror}")


def address(bound: socket.socket) -> str:
    """Return the URL of a socket, as http://127.0.0.1:8000."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: Starlette, bound: socket.socket, *, listening: Callable[[], None] = lambda: None) -> None:
    """Answer requests until SIGTERM or SIGINT; then those that have been accepted, for up to `ServeSettings.grace` seconds.

    app: from `build_app`. bound: from `listen`; closed here. listening: called once requests are answered.
    A second signal ends it at once. On a thread other than the main one no signal arrives; see `Server.stop`.
    While it runs, the process collects garbage and changes threads as often as a service should; afterwards as before.
    """
    service: Service = app.state.service
    service.when_warm.append(_settle)
    with _tuned():
        Server(app, listening).serve_on(bound)


@contextmanager
def _tuned() -> Iterator[None]:
    collected, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(*_COLLECTED)
    sys.setswitchinterval(_INTERVAL)
    try:
        yield
    finally:
        gc.set_threshold(*collected)
        sys.setswitchinterval(interval)
        gc.unfreeze()


def _settle() -> None:
    """Leave what is there for good out of every collection, which then looks at the objects of requests alone."""
    gc.collect()
    gc.freeze()


class Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to die of to nobody and turns clients away before it closes their connections."""

    def __init__(self, app: Starlette, listening: Callable[[], None] = lambda: None) -> None:
        self._service: Service = app.state.service
        self._listening = listening
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            loop="asyncio",  # uvloop would be taken wherever it is installed, and is no faster here
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_keep_alive=_KEPT_OPEN,
            timeout_graceful_shutdown=self._service.settings.grace,
        )
        super().__init__(config)

    def serve_on(self, bound: socket.socket) -> None:
        """Answer requests until told to stop."""
        with _lines(self._service):
            self.run([bound])

    def stop(self) -> None:
        """Begin to stop, from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept."""
        await super().startup(sockets)
        self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more; answer what is under way, and what open connections still send until they have been told to close.

        uvicorn closes connections without a request under way at once, though one may be on its way: that client would never
        know whether it was answered.
        """
        self._service.stopping = True
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + _TURNING_AWAY
        while self.server_state.connections and loop.time() < until and not self.force_exit:
            await asyncio.sleep(0.01)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal, without raising it again afterwards: a service that was told to stop and did has not failed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the first signal; the second ends the waiting."""
        self.force_exit = self.should_exit
        self.should_exit = True


@contextmanager
def _lines(service: Service) -> Iterator[None]:
    """Let uvicorn's warnings be lines of the log while the service runs."""
    logger, handler = logging.getLogger("uvicorn"), UvicornLines(service.log)
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
