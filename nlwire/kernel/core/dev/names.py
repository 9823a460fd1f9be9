"""Finding devices and naming them (net/core/dev.c).

Knows: ifindex, names, alternative names, patterns of names (eth%d).
Never: what a device is.
"""

from collections.abc import Iterator
from errno import EBUSY, EEXIST, EINVAL, ENFILE

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import error, net
from nlwire.uapi.if_ import IFNAMSIZ

MAX_NETDEVICES = 8 * 4096
SPACES = set(b"\t\n\v\f\r \xa0/:")
"""What isspace() says of, and the two separators that no name may hold."""


def dev_get_by_index(home: net, ifindex: int) -> net_device | None:
    """The device with an ifindex."""
    found: net_device | None = home.dev_by_index.get(ifindex)
    return found


def dev_get_by_name(home: net, name: str) -> net_device | None:
    """The device with a name, which may be an alternative one."""
    found: net_device | None = home.dev_by_name.get(name)
    return found


def netdev_name_in_use(home: net, name: str) -> bool:
    """Whether a device has the name, as its own or as an alternative."""
    return name in home.dev_by_name


def for_each_netdev(home: net) -> Iterator[net_device]:
    """Every device, in the order of coming into the namespace. The list may change meanwhile."""
    return iter(list(home.dev_base_head))


def for_each_netdev_dump(home: net, ifindex: int) -> Iterator[net_device]:
    """The devices from an ifindex on, by ifindex: how dumps go."""
    return (home.dev_by_index[one] for one in sorted(home.dev_by_index) if one >= ifindex)


def name_bytes(name: str) -> bytes:
    """A name as it is on the wire, without NUL."""
    return name.encode("utf-8", "surrogateescape")


def dev_valid_name(name: str) -> bool:
    """Whether a device can have the name: it is a file's name in sysfs."""
    raw = name_bytes(name)
    return 0 < len(raw) < IFNAMSIZ and raw not in (b".", b"..") and not SPACES.intersection(raw)


def alloc_name(home: net, pattern: str) -> str:
    """The first free name of a pattern with one ``%d``. Raises OSError (EINVAL, ENFILE)."""
    front, percent, rest = pattern.partition("%")
    if not percent or not rest.startswith("d") or "%" in rest:
        raise error(EINVAL)
    back = rest[1:]
    number = next(
        (one for one in range(MAX_NETDEVICES) if f"{front}{one}{back}"[: IFNAMSIZ - 1] not in taken(home)), -1
    )
    if number < 0:
        raise error(ENFILE)
    return f"{front}{number}{back}"[: IFNAMSIZ - 1]


def taken(home: net) -> dict[str, net_device]:
    """All names of a namespace."""
    found: dict[str, net_device] = home.dev_by_name
    return found


def dev_get_valid_name(home: net, name: str, dup_errno: int = EEXIST) -> str:
    """The name a device gets that asks for ``name``, which may be a pattern. Raises OSError."""
    if not dev_valid_name(name):
        raise error(EINVAL)
    if "%" in name:
        return alloc_name(home, name)
    if netdev_name_in_use(home, name):
        raise error(dup_errno)
    return name


def dev_alloc_name(dev: net_device, name: str) -> None:
    """Name a device that is not registered. Raises OSError."""
    dev.name = dev_get_valid_name(dev.nd_net, name, ENFILE)


def dev_index_reserve(home: net, ifindex: int) -> int:
    """An ifindex: the one asked for (EBUSY where it is taken), or the next free one after the latest."""
    if ifindex:
        if ifindex in home.dev_by_index:
            raise error(EBUSY)
        return ifindex
    number = max(home.ifindex, 1)
    while number in home.dev_by_index:
        number += 1
    home.ifindex = number + 1
    return number
