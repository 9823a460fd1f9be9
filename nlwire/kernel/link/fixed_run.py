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

    __slots__ = ("_fields", "_layout", "size")

    def __init__(self, *attrs: tuple[Attr[int], str]) -> None:
        layout = "="
        self._fields: list[int] = []
        for attr, form in attrs:
            size = NLA_HDRLEN + calcsize(f"={form}")
            layout += f"HH{form}{nla_align(size) - size}x"
            self._fields += (size, attr.number, 0)
        self._layout = Struct(layout)
        self.size = self._layout.size

    def __call__(self, *values: int) -> bytes:
        """The bytes. Raises ValueError for more or fewer values than attributes."""
        fields = self._fields.copy()
        fields[2::3] = values
        return self._layout.pack(*fields)
