"""include/uapi/linux/netfilter/nf_tables.h: enumerators of tables, chains, rules, sets and objects.

Knows: NFT_MSG, NFT_REG, verdicts, flags.
Never: attributes; the words of expressions (expression_words.py).
"""

from nlwire.schema import UapiEnum, UapiFlags


class NFT_MSG(UapiEnum):
    """Message types, within NFNL_SUBSYS_NFTABLES (enum nf_tables_msg_types)."""

    NEWTABLE = 0
    GETTABLE = 1
    DELTABLE = 2
    NEWCHAIN = 3
    GETCHAIN = 4
    DELCHAIN = 5
    NEWRULE = 6
    GETRULE = 7
    DELRULE = 8
    NEWSET = 9
    GETSET = 10
    DELSET = 11
    NEWSETELEM = 12
    GETSETELEM = 13
    DELSETELEM = 14
    NEWGEN = 15
    GETGEN = 16
    TRACE = 17
    NEWOBJ = 18
    GETOBJ = 19
    DELOBJ = 20
    GETOBJ_RESET = 21
    NEWFLOWTABLE = 22
    GETFLOWTABLE = 23
    DELFLOWTABLE = 24
    GETRULE_RESET = 25
    DESTROYTABLE = 26
    DESTROYCHAIN = 27
    DESTROYRULE = 28
    DESTROYSET = 29
    DESTROYSETELEM = 30
    DESTROYOBJ = 31
    DESTROYFLOWTABLE = 32
    GETSETELEM_RESET = 33


class NFT_REG(UapiEnum):
    """Registers: the verdict, four of 16 bytes, and the same bytes as sixteen of 4 (enum nft_registers)."""

    VERDICT = 0
    _1 = 1
    _2 = 2
    _3 = 3
    _4 = 4


class NFT_REG32(UapiEnum):
    """The registers of 4 bytes."""

    _00 = 8
    _01 = 9
    _02 = 10
    _03 = 11
    _04 = 12
    _05 = 13
    _06 = 14
    _07 = 15
    _08 = 16
    _09 = 17
    _10 = 18
    _11 = 19
    _12 = 20
    _13 = 21
    _14 = 22
    _15 = 23


class NFT_TABLE_F(UapiFlags):
    """NFTA_TABLE_FLAGS (enum nft_table_flags)."""

    DORMANT = 0x1
    OWNER = 0x2
    PERSIST = 0x4


class NFT_CHAIN(UapiFlags):
    """NFTA_CHAIN_FLAGS (enum nft_chain_flags)."""

    BASE = 0x1
    HW_OFFLOAD = 0x2
    BINDING = 0x4


class NFT_RULE_COMPAT_F(UapiFlags):
    """NFTA_RULE_COMPAT_FLAGS (enum nft_rule_compat_flags)."""

    UNUSED = 0x1
    INV = 0x2


class NFT_SET(UapiFlags):
    """NFTA_SET_FLAGS (enum nft_set_flags)."""

    ANONYMOUS = 0x1
    CONSTANT = 0x2
    INTERVAL = 0x4
    MAP = 0x8
    TIMEOUT = 0x10
    EVAL = 0x20
    OBJECT = 0x40
    CONCAT = 0x80
    EXPR = 0x100


class NFT_SET_POL(UapiEnum):
    """What a set is chosen for (enum nft_set_policies)."""

    PERFORMANCE = 0
    MEMORY = 1


class NFT_SET_ELEM(UapiFlags):
    """NFTA_SET_ELEM_FLAGS (enum nft_set_elem_flags)."""

    INTERVAL_END = 0x1
    CATCHALL = 0x2


class NFT_DATA(UapiEnum):
    """NFTA_SET_DATA_TYPE where the kernel cares (enum nft_data_types)."""

    VALUE = 0
    VERDICT = 0xFFFFFF00


class NFT_OBJECT(UapiEnum):
    """Types of objects that have a name of their own."""

    UNSPEC = 0
    COUNTER = 1
    QUOTA = 2
    CT_HELPER = 3
    LIMIT = 4
    CONNLIMIT = 5
    TUNNEL = 6
    CT_TIMEOUT = 7
    SECMARK = 8
    CT_EXPECT = 9
    SYNPROXY = 10


class NFT_FLOWTABLE(UapiFlags):
    """NFTA_FLOWTABLE_FLAGS (enum nft_flowtable_flags)."""

    HW_OFFLOAD = 0x1
    COUNTER = 0x2


class NFT_TRACETYPE(UapiEnum):
    """What is told of a packet that is traced (enum nft_trace_types)."""

    UNSPEC = 0
    POLICY = 1
    RETURN = 2
    RULE = 3


class NFT_VERDICT(UapiEnum, prefix="NFT_"):
    """What a rule decides: netfilter's verdicts and nf_tables' own (enum nft_verdicts)."""

    NF_DROP = 0
    NF_ACCEPT = 1
    NF_STOLEN = 2
    NF_QUEUE = 3
    NF_REPEAT = 4
    CONTINUE = -1
    BREAK = -2
    JUMP = -3
    GOTO = -4
    RETURN = -5

    @property
    def c_name(self) -> str:
        """``NFT_JUMP``; those of linux/netfilter.h keep their own prefix."""
        return self.name if self.name.startswith("NF_") else super().c_name


NFT_NAME_MAXLEN = 256
NFT_USERDATA_MAXLEN = 256
NFT_DATA_VALUE_MAXLEN = 64
NFT_REG_SIZE = 16
NFT_REG32_SIZE = 4
NFT_OSF_MAXGENRELEN = 16
NFT_SECMARK_CTX_MAXLEN = 4096
NFT_DATA_RESERVED_MASK = 0xFFFFFF00
