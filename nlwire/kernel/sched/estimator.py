"""net/core/gen_estimator.c: whether a rate estimator can be had; what it would say is always 0.

Knows: what TCA_RATE may ask for.
Never: rates.
"""

from errno import EINVAL

from nlwire.kernel.net import error
from nlwire.uapi.gen_stats import gnet_estimator
from nlwire.uapi.tc import TCA
from nlwire.wire import nla_data, nla_len, nlattr_table

INTERVALS = range(-2, 4)
EWMA_LOGS = range(1, 31)


def gen_estimator(tca: nlattr_table) -> bool:
    """gen_new_estimator(): True. Raises OSError."""
    rate = tca[TCA.RATE]
    if rate is None or nla_len(rate) < gnet_estimator.sizeof:
        raise error(EINVAL)
    parm = nla_data(rate, gnet_estimator)
    if parm.interval not in INTERVALS or parm.ewma_log not in EWMA_LOGS:
        raise error(EINVAL)
    return True
