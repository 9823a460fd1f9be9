"""setuid() and its like, capset(): who a program is (credentials(7), capabilities(7)).

    struct __user_cap_header_struct    version | pid
    struct __user_cap_data_struct      effective | permitted | inheritable, once (version 1) or twice: low halves, high halves

Knows: these structs; what /proc says a thread may have.
Never: what a capability is for.
"""

from struct import Struct

from nlwire.supervise.call import GO_ON, Call
from nlwire.supervise.processes import status

HEADER = Struct("=Ii")
DATA = Struct("=3I")
VERSION_1 = 0x19980330


def changed(call: Call) -> int:
    """The kernel does it; who the callers are is looked up anew."""
    call.supervision.forget_callers()
    return GO_ON


def capset(call: Call) -> int:
    """The same, but where programs may do everything whoever they are, a program hears that it has what the kernel refuses it.

    A routing daemon ends when it cannot have CAP_NET_ADMIN. Deviation: capget() goes on to tell the truth, and what a program
    does elsewhere the real kernel judges. Raises OSError (EFAULT).
    """
    if call.supervision.ground.almighty and wanted(call) & ~permitted(call.tid):
        return 0
    return changed(call)


def wanted(call: Call) -> int:
    """The capabilities that capset() asks for, a bit each."""
    version, _pid = HEADER.unpack(call.read(call.args[0], HEADER.size))
    sets = [DATA.unpack(call.read(call.args[1], DATA.size))]
    if version != VERSION_1:
        sets.append(DATA.unpack(call.read(call.args[1] + DATA.size, DATA.size)))
    return sum((effective | own | inherited) << 32 * half for half, (effective, own, inherited) in enumerate(sets))


def permitted(tid: int) -> int:
    """Those that a thread may have or leave to what it executes."""
    said = status(tid)
    return int(said["CapPrm"][0], 16) | int(said["CapInh"][0], 16)
