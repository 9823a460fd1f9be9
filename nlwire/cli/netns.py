"""Network namespaces as the command line names them.

Knows: how a process is told from a name.
Never: how a namespace is entered (endpoint/).
"""

from nlwire.endpoint.socket import Netns


def which_netns(text: str | None) -> Netns | None:
    """``NAME|PATH|PID``: a number is a process."""
    return int(text) if text is not None and text.isdecimal() else text
