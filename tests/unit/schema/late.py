"""A family that is declared when it is needed."""

from nlwire.schema import Family, NoAttrs, UapiEnum, UapiStruct


class LATE(UapiEnum):
    """Message types."""

    NEW = 70


class late_header(UapiStruct):
    """Nothing."""


late = Family("late", 0, late_header, NoAttrs, new=LATE.NEW)
