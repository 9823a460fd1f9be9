"""A run of attributes of fixed size, put with one stroke.

A link has some thirty attributes that are one integer each and always there. Putting each with nla_put_u32() would check
thirty times what holds once and for all.

    RUN = fixed_run((IFLA.MTU, "I"), (IFLA.OPERSTATE, "B"))
    skb_put_data(skb, RUN(1500, IF_OPER.UP))

Knows: the layout of a run.
Never: which attributes.
"""

from struct import Struct, calcsize

from nlwire.schema.attrs import NLA_HDRLEN, Attr, nla_align


class fixed_run:
    """What packs the values of the attributes (each with its struct format) into the bytes of the run, padding included."""

    __slots__ = ("_headers", "_layout", "size")

    def __init__(self, *attrs: tuple[Attr[int], str]) -> None:
        layout = "="
        self._headers: list[int] = []
        for attr, form in attrs:
            size = NLA_HDRLEN + calcsize(f"={form}")
            layout += f"HH{form}{nla_align(size) - size}x"
            self._headers += (size, attr.number)
        self._layout = Struct(layout)
        self.size = self._layout.size

    def __call__(self, *values: int) -> bytes:
        """The bytes."""
        fields = iter(self._headers)
        return self._layout.pack(*(one for value in values for one in (next(fields), next(fields), value)))
