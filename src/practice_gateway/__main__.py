"""`python -m practice_gateway`: serve until stopped."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from practice_gateway.practice import Options, Practice


def main() -> int:
    """Exit 2 without a webhook secret, 1 where a port is taken."""
    parser = argparse.ArgumentParser(prog="practice_gateway", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--store-origin", required=True)
    parser.add_argument("--webhook-url", required=True)
    arguments = parser.parse_args()
    secret = os.environ.get("PRACTICE_WEBHOOK_SECRET")
    if not secret:
        print("PRACTICE_WEBHOOK_SECRET is not set: webhooks could not be signed.", file=sys.stderr)
        return 2
    options = Options(
        port=arguments.port,
        smtp_port=arguments.smtp_port,
        store_origin=arguments.store_origin,
        webhook_url=arguments.webhook_url,
        secret=secret,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with Practice(options):
            stop.wait()
    except OSError as error:
        print(f"The practice gateway cannot listen: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
