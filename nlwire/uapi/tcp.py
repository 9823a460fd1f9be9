"""include/uapi/linux/tcp.h: what the kernel tells of a TCP connection.

Knows: tcp_info, tcp_diag_md5sig.
Never: socket options, packets.
"""

from typing import Annotated

from nlwire.schema import UapiEnum, UapiFlags, UapiStruct, in16_addr, octets, u8, u16, u32, u64
from nlwire.schema.addresses import IPAddress
from nlwire.uapi.socket import AF
from nlwire.uapi.tcp_states import TCP

TCP_MD5SIG_MAXKEYLEN = 80


class TCPI_OPT(UapiFlags):
    """tcpi_options: what both ends agreed on, and what happened."""

    TIMESTAMPS = 1
    SACK = 2
    WSCALE = 4
    ECN = 8
    ECN_SEEN = 16
    SYN_DATA = 32
    USEC_TS = 64
    TFO_CHILD = 128


class TCP_CA(UapiEnum):
    """What congestion control thinks of the path (enum tcp_ca_state)."""

    Open = 0
    Disorder = 1
    CWR = 2
    Recovery = 3
    Loss = 4


class tcp_info(UapiStruct):
    """A connection's figures; times in microseconds, those of the last packets in milliseconds. Older kernels have fewer.

    ``tcpi_wscale`` is tcpi_snd_wscale and tcpi_rcv_wscale, four bits each, the first in the low ones on a little-endian
    machine; ``tcpi_limited`` tcpi_delivery_rate_app_limited:1 and tcpi_fastopen_client_fail:2; ``tcpi_ecn`` tcpi_ecn_mode:2,
    tcpi_accecn_opt_seen:2, tcpi_accecn_fail_mode:4 and tcpi_options2:24.
    """

    tcpi_state: Annotated[u8, TCP] = 0
    tcpi_ca_state: Annotated[u8, TCP_CA] = 0
    tcpi_retransmits: u8 = 0
    tcpi_probes: u8 = 0
    tcpi_backoff: u8 = 0
    tcpi_options: Annotated[u8, TCPI_OPT] = 0
    tcpi_wscale: u8 = 0
    tcpi_limited: u8 = 0
    tcpi_rto: u32 = 0
    tcpi_ato: u32 = 0
    tcpi_snd_mss: u32 = 0
    tcpi_rcv_mss: u32 = 0
    tcpi_unacked: u32 = 0
    tcpi_sacked: u32 = 0
    tcpi_lost: u32 = 0
    tcpi_retrans: u32 = 0
    tcpi_fackets: u32 = 0
    tcpi_last_data_sent: u32 = 0
    tcpi_last_ack_sent: u32 = 0
    tcpi_last_data_recv: u32 = 0
    tcpi_last_ack_recv: u32 = 0
    tcpi_pmtu: u32 = 0
    tcpi_rcv_ssthresh: u32 = 0
    tcpi_rtt: u32 = 0
    tcpi_rttvar: u32 = 0
    tcpi_snd_ssthresh: u32 = 0
    tcpi_snd_cwnd: u32 = 0
    tcpi_advmss: u32 = 0
    tcpi_reordering: u32 = 0
    tcpi_rcv_rtt: u32 = 0
    tcpi_rcv_space: u32 = 0
    tcpi_total_retrans: u32 = 0
    tcpi_pacing_rate: u64 = 0
    tcpi_max_pacing_rate: u64 = 0
    tcpi_bytes_acked: u64 = 0
    tcpi_bytes_received: u64 = 0
    tcpi_segs_out: u32 = 0
    tcpi_segs_in: u32 = 0
    tcpi_notsent_bytes: u32 = 0
    tcpi_min_rtt: u32 = 0
    tcpi_data_segs_in: u32 = 0
    tcpi_data_segs_out: u32 = 0
    tcpi_delivery_rate: u64 = 0
    tcpi_busy_time: u64 = 0
    tcpi_rwnd_limited: u64 = 0
    tcpi_sndbuf_limited: u64 = 0
    tcpi_delivered: u32 = 0
    tcpi_delivered_ce: u32 = 0
    tcpi_bytes_sent: u64 = 0
    tcpi_bytes_retrans: u64 = 0
    tcpi_dsack_dups: u32 = 0
    tcpi_reord_seen: u32 = 0
    tcpi_rcv_ooopack: u32 = 0
    tcpi_snd_wnd: u32 = 0
    tcpi_rcv_wnd: u32 = 0
    tcpi_rehash: u32 = 0
    tcpi_total_rto: u16 = 0
    tcpi_total_rto_recoveries: u16 = 0
    tcpi_total_rto_time: u32 = 0
    tcpi_received_ce: u32 = 0
    tcpi_delivered_e1_bytes: u32 = 0
    tcpi_delivered_e0_bytes: u32 = 0
    tcpi_delivered_ce_bytes: u32 = 0
    tcpi_received_e1_bytes: u32 = 0
    tcpi_received_e0_bytes: u32 = 0
    tcpi_received_ce_bytes: u32 = 0
    tcpi_ecn: u32 = 0


class tcp_diag_md5sig(UapiStruct):
    """One key of a socket's TCP MD5 signatures."""

    tcpm_family: Annotated[u8, AF] = 0
    tcpm_prefixlen: u8 = 0
    tcpm_keylen: u16 = 0
    tcpm_addr: Annotated[IPAddress | str, in16_addr] = "::"
    tcpm_key: Annotated[bytes, octets(TCP_MD5SIG_MAXKEYLEN)] = bytes(TCP_MD5SIG_MAXKEYLEN)
