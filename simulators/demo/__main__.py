"""The command line of `script/demo`."""

import argparse
import asyncio
import os
import socket
import sys
from contextlib import closing, suppress

from . import check
from .client import ClientError
from .demo import Demo, StartFailed, say
from .folder import CHECKOUT, Folder, FolderInUse
from .signals import end_on_signals

DEFAULT_PORT = 8123


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= (port := int(text)) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port (1 to 65535)")
    return port


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="script/demo",
        description="Home Assistant with simulated batteries on real wires.",
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help=f"port on 127.0.0.1 (default {DEFAULT_PORT})"
    )
    choice.add_argument(
        "--check", action="store_true", help="assert that all of it works, without a browser, and exit"
    )
    return parser.parse_args()


def obstacle(port: int) -> str | None:
    """Return why nobody can listen on a port, None if one can."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as err:
            return os.strerror(err.errno or 0)
    return None


async def show(port: int) -> int:
    """Run the demo until it is told to end; return the exit status."""
    folder = Folder(CHECKOUT / ".demo" / str(port))
    demo = Demo(folder, port, sys.stderr.fileno())
    end_on_signals(demo.home.kill)
    ready = False
    with suppress(asyncio.CancelledError):
        async with demo:
            await demo.run_down()
            ready = True
            print(f"ready: {demo.url}/", flush=True)
            say(f"token for scripts in {folder.token.relative_to(CHECKOUT)}; Ctrl-C ends it")
            status = await demo.ended()
            say(f"Home Assistant ended with status {status}")
            return status or 1
    say("ended" if ready else "ended before it was ready")
    return 0 if ready else 1


def main() -> int:
    """Do what the command line says and return the exit status."""
    chosen = arguments()
    if chosen.check:
        return asyncio.run(check.main())
    if reason := obstacle(chosen.port):
        say(f"port {chosen.port} cannot be used: {reason}")
        return 1
    try:
        Folder(CHECKOUT / ".demo" / str(chosen.port)).lock()
        return asyncio.run(show(chosen.port))
    except FolderInUse:
        say(f"a demo on port {chosen.port} is starting already")
    except (ClientError, StartFailed) as err:
        say(f"did not become ready: {err}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
