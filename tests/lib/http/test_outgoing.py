"""Which addresses may be asked, however they are written."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from adaptive_site.lib.http.outgoing import Reach, check_setting, fault, may_be_asked, reach_of

PRIVATE = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "::1", "fc00::1", "fd12:3456::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2002:c0a8:101::1", "::127.0.0.1",
]  # fmt: skip
NEVER = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "224.0.0.1", "239.255.255.255",
    "255.255.255.255", "240.0.0.1", "192.0.0.192", "100.100.100.200", "168.63.129.16",
    "198.18.0.1", "203.0.113.7", "::", "fe80::1", "fe80::1%eth0", "ff02::1", "fd00:ec2::254",
    "fd20:ce::254", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::", "2001:0:1::1", "2001:db8::1", "fec0::1", "5f00::1",
    "64:ff9b:1::a00:1", "64:ff9b:1::808:808", "64:ff9b:1:a00:0:100::", "192.0.0.1", "192.0.0.9",
    "192.0.0.10", "192.88.99.1", "::ffff:192.88.99.1", "64:ff9b::c058:6301", "2002:c058:6301::",
    "2001:1::1", "2001:1::2", "2001:3::1", "2001:4:112::1", "2001:20::1", "2001:30::1",
    "3fff::1", "3fff:fff:ffff::1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.167.1.1", "2606:4700:4700::1111",
    "192.0.1.1", "192.88.98.1", "2001:200::1", "2001:4860:4860::8888",
    "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        *((one, Reach.PRIVATE) for one in PRIVATE),
        *((one, Reach.NEVER) for one in NEVER),
        *((one, Reach.PUBLIC) for one in PUBLIC),
    ],
)
def test_what_an_address_reaches(address: str, reach: Reach) -> None:
    assert reach_of(ip_address(address)) is reach


@pytest.mark.parametrize(
    ("setting", "is_privileged", "private"),
    [
        ("admins", False, False), ("admins", True, True), ("on", False, True), ("on", True, True),
        ("off", False, False), ("off", True, False),
    ],
)  # fmt: skip
def test_the_setting_decides_of_private_ones(
    settings: Settings, setting: str, is_privileged: bool, private: bool
) -> None:
    settings.PRIVATE_PROVIDERS = setting
    for address in PRIVATE:
        assert may_be_asked(address, "h", is_privileged=is_privileged) == private, address
    for address in NEVER:
        assert not may_be_asked(address, "h", is_privileged=is_privileged), address
    for address in PUBLIC:
        assert may_be_asked(address, "h", is_privileged=is_privileged), address


def test_a_list_names_hosts_and_networks(settings: Settings) -> None:
    settings.PRIVATE_PROVIDERS = "ollama.lan, .models.internal,10.1.0.0/16,169.254.169.254"
    for address, host, may in (
        ("10.1.2.3", "x", True), ("::ffff:10.1.2.3", "x", True), ("10.2.0.1", "x", False),
        ("127.0.0.1", "ollama.lan", True), ("127.0.0.1", "OLLAMA.lan.", True),
        ("127.0.0.1", "notollama.lan", False), ("10.9.9.9", "a.models.internal", True),
        ("10.9.9.9", "models.internal", True), ("10.9.9.9", "evilmodels.internal", False),
        ("169.254.169.254", "x", True), ("169.254.169.253", "x", False), ("8.8.8.8", "x", True),
    ):  # fmt: skip
        for is_privileged in (True, False):
            assert may_be_asked(address, host, is_privileged=is_privileged) == may, (address, host)


@pytest.mark.parametrize(
    "host",
    [
        *PRIVATE, *NEVER, "localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1.",
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1",
        "0", "127%2e0.0.1", "１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "127\u00ad.0.0.1", "",
        "0xA9FEA9FE", "3232235777",
    ],
)  # fmt: skip
def test_hosts_that_are_refused_before_anything_is_looked_up(settings: Settings, host: str) -> None:
    settings.PRIVATE_PROVIDERS = "admins"
    assert fault(host, None, is_privileged=False)


@pytest.mark.parametrize("port", [1, 21, 22, 25, 53, 110, 445, 1023])
def test_ports_below_1024_are_for_the_web(settings: Settings, port: int) -> None:
    settings.PRIVATE_PROVIDERS = "admins"
    assert "port" in fault("models.example", port, is_privileged=False)
    assert not fault("models.example", port, is_privileged=True)
    for free in (None, 80, 443, 1024, 8000, 65535):
        assert not fault("models.example", free, is_privileged=False)


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "unix", ""])
def test_other_schemes_are_refused(scheme: str) -> None:
    assert fault("models.example", None, is_privileged=True, scheme=scheme)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_what_it_is(address: object) -> None:
    inner = ip_address(str(address))
    for outer in (f"::ffff:{inner}", f"64:ff9b::{inner}"):
        assert reach_of(ip_address(outer)) is reach_of(inner)


@pytest.mark.parametrize(
    "wrong", ["yes", "true", "on,10.0.0.1", "10.0.0.0/99", "a b", "http://x", ",", "*"]
)
def test_a_setting_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="expected admins, on, off"):
        check_setting(wrong)
