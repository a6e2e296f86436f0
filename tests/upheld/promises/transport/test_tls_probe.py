"""The second server is real, is told apart from one without the gate, and always ends."""

import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from upheld.promises.transport import prove, tls_probe
from upheld.promises.transport.tls_probe import HOST, TwinDidNotStart

ROOT = Path(__file__).parents[4]
HERE = "tests.upheld.promises.transport"
FORM = "/orders/find/"
_LEFT_ALONE = f"""
import sys, time
from upheld.promises.transport import tls_probe
with tls_probe._server("{HERE}.twin:application", int(sys.argv[1]), "https://{HOST}", []) as it:
    tls_probe._wait_for(int(sys.argv[1]), it)
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ports that the probe took."""
    taken: list[int] = []
    free_port = tls_probe._free_port

    def note() -> int:
        taken.append(free_port())
        return taken[-1]

    monkeypatch.setattr(tls_probe, "_free_port", note)
    return taken


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) == 0


def test_over_tls_and_in_the_clear(ports: list[int]) -> None:
    facts = tls_probe.probe_twin(FORM, datetime.now(UTC), f"{HERE}.twin:application")
    assert facts.page.protocol in tls_probe.ACCEPTED_PROTOCOLS
    assert facts.page.headers["strict-transport-security"] == f"max-age={365 * 86400}"
    assert facts.page.headers["server"] == "web"
    assert facts.plain_page.headers["location"] == f"https://{HOST}:{ports[0]}/"
    assert prove._refused_in_the_clear(facts)
    assert len(ports) == 2 and not any(answers(port) for port in ports)


def test_without_the_gate(ports: list[int]) -> None:
    application = f"{HERE}.unguarded_twin:application"
    facts = tls_probe.probe_twin(FORM, datetime.now(UTC), application)
    assert not prove._refused_in_the_clear(facts)
    assert "strict-transport-security" not in facts.page.headers


def test_an_application_that_is_not_there(ports: list[int]) -> None:
    with pytest.raises(TwinDidNotStart, match="ended before"):
        tls_probe.probe_twin("/", datetime.now(UTC), f"{HERE}.no_such_module:application")
    assert not any(answers(port) for port in ports)


def test_an_application_that_is_slow_to_come(
    monkeypatch: pytest.MonkeyPatch, ports: list[int]
) -> None:
    monkeypatch.setattr(tls_probe, "START_SECONDS_MAX", 0.0)
    with pytest.raises(TwinDidNotStart, match="no answer"):
        tls_probe.probe_twin("/", datetime.now(UTC), f"{HERE}.twin:application")
    assert not any(answers(port) for port in ports)


def test_the_server_ends_with_a_killed_prover() -> None:
    port = tls_probe._free_port()
    words = [sys.executable, "-c", _LEFT_ALONE, str(port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT) as prover:
        assert prover.stdout is not None and prover.stdout.readline() == b"up\n"
        assert answers(port)
        prover.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 6
    while answers(port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not answers(port)
