"""net/netlink/policy.c: policies told to who asks: those of some operations and, behind them, those of what is nested inside.

    netlink_policy_dump_state: policy 0: attribute 0, 1, 2, …   1: …     an attribute whose payload is nested names
                               (of an operation)                         the number of the policy of what is inside

Knows: which policies there are to tell of, each once, and where telling has got to.
Never: whose they are.
"""

from nlwire.wire import (
    NLA,
    Policy,
    nla_nest_end,
    nla_nest_start,
    nla_policy,
    sk_buff,
)
from nlwire.wire.extack import netlink_policy_dump_write_attr
from nlwire.wire.policy import resolve_policy

NESTED = (NLA.NESTED, NLA.NESTED_ARRAY)


class netlink_policy_dump_state:
    """The policies, and the attribute that is told of next."""

    def __init__(self) -> None:
        self.policies: list[Policy] = []
        self.policy_idx = self.attr_idx = 0

    def add(self, policy: Policy) -> None:
        """netlink_policy_dump_add_policy(): one more, and whatever is nested inside any of them."""
        self.add_one(policy)
        for one in self.policies:
            for type in range(one.maxtype + 1):
                if one[type].type in NESTED and one[type].nested is not None:
                    self.add_one(inner(one[type]))

    def add_one(self, policy: Policy) -> None:
        """add_policy()."""
        if policy.maxtype and all(one is not policy for one in self.policies):
            self.policies.append(policy)

    def index(self, policy: Policy) -> int:
        """The number of a policy that was added; 0 for one that was not, for it has no attributes."""
        return next((at for at, one in enumerate(self.policies) if one is policy), 0)

    @property
    def finished(self) -> bool:
        """Whether everything was told."""
        return self.policy_idx >= len(self.policies)

    def advance(self) -> None:
        """The next attribute."""
        self.attr_idx += 1
        if self.attr_idx > self.policies[self.policy_idx].maxtype:
            self.attr_idx = 0
            self.policy_idx += 1

    def write(self, skb: sk_buff) -> bool:
        """Put the next attribute of which there is something to tell; whether there was one. Raises BufferFull."""
        while not self.finished:
            entry = self.policies[self.policy_idx][self.attr_idx]
            described = entry.describe()
            if described is None:
                self.advance()
                continue
            if entry.nested is not None and inner(entry).maxtype:
                described |= {"policy_idx": self.index(inner(entry)), "maxtype": inner(entry).maxtype}
            nest = nla_nest_start(skb, self.policy_idx)
            netlink_policy_dump_write_attr(skb, described, self.attr_idx)
            nla_nest_end(skb, nest)
            self.advance()
            return True
        return False


def inner(entry: nla_policy) -> Policy:
    """The policy of what is nested inside."""
    assert entry.nested is not None
    return resolve_policy(entry.nested)
