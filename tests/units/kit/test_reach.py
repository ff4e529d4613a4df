"""Addresses inside a network are known for what they are in every spelling there is."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.http import Outbound, URLRefused
from service.kit.reach import Reach, is_public, parsed

# One of each kind, and what is known to be tried: loopback, private, link-local and metadata, carrier-grade NAT.
INSIDE_4 = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "100.127.255.255", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "168.63.129.16",
]  # fmt: skip
INSIDE_6 = [
    "::", "::1", "fe80::1", "febf::1", "fc00::1", "fdff::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "2001::1",
    "2001:10::1", "100::1", "64:ff9b:1::1", "fec0::1", "3fff::1", "5f00::1", "2002:7f00:1::", "2002:808:808::",
    "::ffff:8.8.8.8", "::8.8.8.8",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2606:4700::1111",
          "2a00:1450:4001::1", "64:ff9b::808:808"]  # fmt: skip


def spellings(address: str) -> list[str]:
    """All the ways to write an IPv4 address that somebody's parser takes."""
    number = int(ipaddress.IPv4Address(address))
    a, b, c, d = (number >> shift & 255 for shift in (24, 16, 8, 0))
    wide = str.maketrans("0123456789.", "０１２３４５６７８９。")
    circled = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
    return [
        address,
        f"{address}.",
        str(number),
        hex(number),
        hex(number).upper().replace("X", "x"),
        f"0{number:o}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"000{a:o}.{b}.{c}.0x{d:x}",
        f"{a}.{(b << 16) + (c << 8) + d}",
        f"{a}.{b}.{(c << 8) + d}",
        f"0x{a:x}.{(b << 16) + (c << 8) + d}",
        address.translate(wide),
        address.translate(circled),
        "".join(f"%{ord(char):02x}" for char in address),
        f"[::ffff:{address}]",
        f"[::{address}]",
        f"[::ffff:{a << 8 | b:x}:{c << 8 | d:x}]",
        f"[64:ff9b::{address}]",
        f"[64:ff9b:1::{address}]",
        f"[2002:{a << 8 | b:x}:{c << 8 | d:x}::1]",
        f"[0:0:0:0:0:ffff:{a << 8 | b:x}:{c << 8 | d:x}]",
    ]


inside_4 = st.sampled_from(INSIDE_4) | st.builds(
    lambda net, n: str(net[n % net.num_addresses]),
    st.sampled_from([ipaddress.ip_network(net) for net in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16",
                                                           "100.64.0.0/10", "192.168.0.0/16", "172.16.0.0/12")]),
    st.integers(min_value=0, max_value=2**24),
)  # fmt: skip


@given(address=inside_4, scheme=st.sampled_from(["http", "https"]), port=st.sampled_from(["", ":80", ":443", ":6379"]))
def test_no_spelling_of_an_inner_address_is_taken(address: str, scheme: str, port: str) -> None:
    out = Outbound()
    for spelled in spellings(address):
        with pytest.raises(URLRefused):
            out.checked(f"{scheme}://{spelled}{port}/latest/meta-data")


@pytest.mark.parametrize("address", INSIDE_4 + INSIDE_6)
def test_what_is_inside_is_not_public(address: str) -> None:
    found = parsed(address)
    assert found is None or not is_public(found)
    assert Reach().fault_of_address(address, "hooks.example", 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_may_be_reached(address: str) -> None:
    assert Reach().fault_of_address(address, "hooks.example", 443) is None


@given(st.ip_addresses())
def test_python_never_calls_less_public_than_we_do(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Two lists of different authors: what ours lets through, Python's does too."""
    if is_public(address) and address not in ipaddress.ip_network("64:ff9b::/96"):
        assert address.is_global, address
        assert not address.is_multicast


@pytest.mark.parametrize("address", ["fe80::1%eth0", "fe80::1%1", "127.1", "0x7f.1", "2130706433", "localhost", ""])
def test_an_address_in_another_form_is_none(address: str) -> None:
    assert Reach().fault_of_address(address, "hooks.example", 443)


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/", "https://LOCALHOST./", "https://intranet/", "https://db.internal/", "https://printer.local",
        "https://a.localhost", "http://hooks.example.com/", "https://user:pass@hooks.example.com/",
        "https://user@hooks.example.com", "https://hooks.example.com:22/", "https://hooks.example.com:6379",
        "https://hooks.example.com:0/", "https://hooks.example.com:99999/", "ftp://hooks.example.com/", "file:///etc/passwd",
        "gopher://hooks.example.com/", "//hooks.example.com/", "hooks.example.com", "https://", "https:///x", "",
        "https://[fe80::1%25eth0]/", "https://[::1]/", "https://[::]/", "https://[fd00::1]:8080/",
        "https://exa mple.com/",
        "https://hooks.example.com\r\nX: y/", "https://hooks.example.com/" + "x" * 3_000, "https://\x00.com", "https://.com",
        "https://xn--/", "https://[not-an-address]/", "https://1.2.3/", "https://0x/", "https://hooks.0x7f/",
        "https://127.0.0.1\\@hooks.example.com/", "https://127.0.0.1#@hooks.example.com/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_never_sent_to(url: str) -> None:
    with pytest.raises(URLRefused):
        Outbound().checked(url)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Hooks.Example.COM./parley?a=b", "https://hooks.example.com/parley?a=b"),
        ("https://bücher.example.com/x", "https://xn--bcher-kva.example.com/x"),
        ("https://hooks.example.com:8443", "https://hooks.example.com:8443/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://hooks.example.com/a#frag", "https://hooks.example.com/a"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
    ],
)
def test_a_public_address_is_kept_in_one_spelling(url: str, kept: str) -> None:
    assert Outbound().checked(url) == kept


@given(st.text(max_size=60))
def test_nonsense_is_refused_and_nothing_else(nonsense: str) -> None:
    for url in (nonsense, f"https://{nonsense}", f"https://{nonsense}.example.com/"):
        try:
            checked = Outbound().checked(url)
        except URLRefused:
            continue
        assert Outbound().checked(checked) == checked


def test_hosts_that_the_operator_named_are_reached_with_their_port() -> None:
    out = Outbound(["hooks.internal:9000", "10.0.0.5", "[fd00::7]:80", "Bücher.lan"])
    for url in (
        "http://hooks.internal:9000/x",
        "https://10.0.0.5:1234/",
        "http://10.0.0.5/",
        "http://[fd00::7]/",
        "http://xn--bcher-kva.lan/",
    ):
        assert out.checked(url)
    for url in ("http://hooks.internal/", "http://10.0.0.6/", "http://[fd00::7]:81/", "http://167772165/"):
        with pytest.raises(URLRefused):
            out.checked(url)


def test_a_named_host_leads_inside_but_never_to_the_metadata() -> None:
    reach = Reach.of(["hooks.internal"])
    for address in ("10.1.2.3", "127.0.0.1", "fd00::1", "192.168.1.1", "8.8.8.8"):
        assert reach.fault_of_address(address, "hooks.internal", 80) is None
    for address in ("169.254.169.254", "fe80::1", "0.0.0.0", "::", "fd00:ec2::254", "::ffff:169.254.169.254"):
        assert reach.fault_of_address(address, "hooks.internal", 80)
    assert Reach.of(["169.254.169.254"]).fault_of_address("169.254.169.254", "169.254.169.254", 80) is None


@pytest.mark.parametrize("entry", ["http://hooks.internal", "a b", "[::1%eth0]", "hooks.internal:0", "host:99999", ""])
def test_a_setting_that_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Reach.of([entry])


@pytest.mark.parametrize("address", INSIDE_4)
def test_the_systems_own_resolver_takes_these_spellings(address: str) -> None:
    """Or they would be harmless: what `getaddrinfo` makes of them is looked at once more when dialling."""
    for spelled in (str(int(ipaddress.IPv4Address(address))), hex(int(ipaddress.IPv4Address(address)))):
        found = {entry[4][0] for entry in socket.getaddrinfo(spelled, 80, type=socket.SOCK_STREAM)}
        assert found == {address}
        assert all(Reach().fault_of_address(str(each), "hooks.example", 80) for each in found)
