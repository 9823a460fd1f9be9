"""include/uapi/linux/can/netlink.h: CAN controllers (ip link … type can). Mirrors drivers/net/can/dev/netlink.c.

Knows: IFLA_INFO_DATA and IFLA_INFO_XSTATS of kind can.
Never: CAN frames; vcan, which has no attributes.
"""

from typing import Annotated

from nlwire.schema import (
    ZERO,
    Attr,
    AttrSet,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    array_of,
    chars,
    enum,
    nested,
    struct_of,
    u16,
    u32,
)


class CAN_STATE(UapiEnum):
    """State of the controller (enum can_state)."""

    ERROR_ACTIVE = 0
    ERROR_WARNING = 1
    ERROR_PASSIVE = 2
    BUS_OFF = 3
    STOPPED = 4
    SLEEPING = 5


class CAN_CTRLMODE(UapiFlags):
    """Modes of the controller."""

    LOOPBACK = 0x01
    LISTENONLY = 0x02
    _3_SAMPLES = 0x04
    ONE_SHOT = 0x08
    BERR_REPORTING = 0x10
    FD = 0x20
    PRESUME_ACK = 0x40
    FD_NON_ISO = 0x80
    CC_LEN8_DLC = 0x100
    TDC_AUTO = 0x200
    TDC_MANUAL = 0x400
    RESTRICTED = 0x800
    XL = 0x1000
    XL_TDC_AUTO = 0x2000
    XL_TDC_MANUAL = 0x4000
    XL_TMS = 0x8000


class can_bittiming(UapiStruct):
    """Bit timing: bits a second, tenths of a percent, nanoseconds, then time quanta."""

    bitrate: u32 = 0
    sample_point: u32 = 0
    tq: u32 = 0
    prop_seg: u32 = 0
    phase_seg1: u32 = 0
    phase_seg2: u32 = 0
    sjw: u32 = 0
    brp: u32 = 0


class can_bittiming_const(UapiStruct):
    """What bit timing the controller can do."""

    name: Annotated[str, chars(16)] = ZERO
    tseg1_min: u32 = 0
    tseg1_max: u32 = 0
    tseg2_min: u32 = 0
    tseg2_max: u32 = 0
    sjw_max: u32 = 0
    brp_min: u32 = 0
    brp_max: u32 = 0
    brp_inc: u32 = 0


class can_clock(UapiStruct):
    """The controller's clock in hertz."""

    freq: u32 = 0


class can_berr_counter(UapiStruct):
    """Bus error counters."""

    txerr: u16 = 0
    rxerr: u16 = 0


class can_ctrlmode(UapiStruct):
    """Modes: those in mask are meant, flags says which of them are on."""

    mask: Annotated[u32, CAN_CTRLMODE] = 0
    flags: Annotated[u32, CAN_CTRLMODE] = 0


class can_device_stats(UapiStruct):
    """IFLA_INFO_XSTATS of kind can."""

    bus_error: u32 = 0
    error_warning: u32 = 0
    error_passive: u32 = 0
    bus_off: u32 = 0
    arbitration_lost: u32 = 0
    restarts: u32 = 0


class IFLA_CAN_TDC(AttrSet):
    """Transmitter delay compensation: limits from the kernel, values both ways."""

    TDCV_MIN = Attr(1, u32)
    TDCV_MAX = Attr(2, u32)
    TDCO_MIN = Attr(3, u32)
    TDCO_MAX = Attr(4, u32)
    TDCF_MIN = Attr(5, u32)
    TDCF_MAX = Attr(6, u32)
    TDCV = Attr(7, u32, "value")
    TDCO = Attr(8, u32, "offset")
    TDCF = Attr(9, u32, "filter window")


class IFLA_CAN_CTRLMODE(AttrSet):
    """Inside IFLA_CAN_CTRLMODE_EXT."""

    SUPPORTED = Attr(1, u32, "CAN_CTRLMODE_* bits that the controller can do")


class IFLA_CAN_PWM(AttrSet):
    """Pulse-width modulation: limits from the kernel, values both ways."""

    PWMS_MIN = Attr(1, u32)
    PWMS_MAX = Attr(2, u32)
    PWML_MIN = Attr(3, u32)
    PWML_MAX = Attr(4, u32)
    PWMO_MIN = Attr(5, u32)
    PWMO_MAX = Attr(6, u32)
    PWMS = Attr(7, u32, "short phase")
    PWML = Attr(8, u32, "long phase")
    PWMO = Attr(9, u32, "offset")


class IFLA_CAN(AttrSet):
    """IFLA_INFO_DATA of kind can."""

    BITTIMING = Attr(1, struct_of(can_bittiming))
    BITTIMING_CONST = Attr(2, struct_of(can_bittiming_const))
    CLOCK = Attr(3, struct_of(can_clock))
    STATE = Attr(4, enum(u32, CAN_STATE))
    CTRLMODE = Attr(5, struct_of(can_ctrlmode))
    RESTART_MS = Attr(6, u32, "restart this long after bus-off")
    RESTART = Attr(7, u32, "restart now")
    BERR_COUNTER = Attr(8, struct_of(can_berr_counter))
    DATA_BITTIMING = Attr(9, struct_of(can_bittiming), "CAN FD")
    DATA_BITTIMING_CONST = Attr(10, struct_of(can_bittiming_const), "CAN FD")
    TERMINATION = Attr(11, u16, "ohms; 0: none")
    TERMINATION_CONST = Attr(12, array_of(u16), "ohms to choose from")
    BITRATE_CONST = Attr(13, array_of(u32), "rates to choose from")
    DATA_BITRATE_CONST = Attr(14, array_of(u32), "CAN FD")
    BITRATE_MAX = Attr(15, u32)
    TDC = Attr(16, nested(IFLA_CAN_TDC), "CAN FD")
    CTRLMODE_EXT = Attr(17, nested(IFLA_CAN_CTRLMODE))
    XL_DATA_BITTIMING = Attr(18, struct_of(can_bittiming))
    XL_DATA_BITTIMING_CONST = Attr(19, struct_of(can_bittiming_const))
    XL_DATA_BITRATE_CONST = Attr(20, array_of(u32))
    XL_TDC = Attr(21, nested(IFLA_CAN_TDC))
    XL_PWM = Attr(22, nested(IFLA_CAN_PWM))
