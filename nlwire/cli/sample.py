"""Recorded dumps, for a demonstration where no kernel answers: what ``nlwire dump link --raw`` and its like wrote.

Linux 6.18 in a virtual machine (x86_64), after

    ip link add eth0 type dummy; ip link add eth1 type dummy; ip link add br0 type bridge
    ip addr add 192.0.2.10/24 dev eth0; ip addr add 198.51.100.10/24 dev eth1; ip addr add 2001:db8::10/64 dev eth0
    ip route add default via 192.0.2.1 dev eth0 proto dhcp src 192.0.2.10 metric 100
    ip route add 203.0.113.0/24 proto static src 192.0.2.10 mtu 1400 congctl cubic
        nexthop via 192.0.2.1 dev eth0 weight 1 nexthop via 198.51.100.1 dev eth1 weight 4
    ip route add blackhole 10.0.0.0/8; ip route add 2001:db8:1::/48 via 2001:db8::1 dev eth0

Knows: bytes, packed.
Never: what they mean.
"""

from base64 import b85decode
from zlib import decompress

_PACKED = {
    "link": """
c-rllJ5y6Z6vzL2AIS|w2r(mwkANbG_z22aAR;Ojj+Kt1lny37W<*BD%xHJ*EG+y07Bn=DA0d@C78WTib%v6$u(Gg=XLrxd+}u1!oJ5S?GZX%Y
eVpCwp8aiR3pS8|0RdnG(kxT@S5*lRg^5S2fP-DwG69=fOS3V+dRet}V9{SedRmn`IK#S+^&snc)-?A!ic(4HB=?_Xy}-J_dJaEJQPMeXe~IIa
s5mx8Io@F|KgF6+8o?s#6`uEm(jNYv+BeGnCk*0Wu`KOkr!9^tT2q7l2p+FK$>;JpWXxf_qVku%b%xr}$`5=RG|`~0mL+IwWv<qWvu^ZIPN-;Z
ie@Zx$&JvQ-|9X;_&Y3ckKjB@Wb6I9t@Pd57~Jaua=0Y}d^#%o-1%02t};e&-Xbt(G*}<^``L!|`bc|Y>G6W?W`v1xgw~49QI7xasY=!8X;W58
8$;i={VmM97B0HQDs~H%y&pIeVw9D+rw=lkgZ23h=JyvH9p$&y_VfG3O(bV-X?~YV`b7EpZ3WhENOUK^tq#uL&+i11YF)GWm6him;CZXo49^oj
p2uUv;*Dya%lvM{bH&q;=M}l;>E>U0Hmq&xH`~B-YX^C5R`Y!Nzu@`pkmn)KHO~pjC|(PB9`d}qc>XL}&2u@n$w}x?RxYn)Dp+pRd0X*VzQ`=s
%>8pL2eVuRST34j`BHtBw`xY0y{#B+W_dv*(M#*Py!J4AKL@-M2Gu8gZ3ldQ(&z6+;hvXwg7eA1N6y1yROeYHFV*J#j1a)&en$EK7{}_RV!g9*
+F8$!P>uK7MCU;tYd_~h3c`KQF-|H?`+gHRnC5XDyihv9`8UaNPO$Fb@<G-iF5k;~jN=Wfl~Ly;A$7l6MF$7?oK3MFS8?KWj<V(TO5=6T^GERJ
uIG>9bH?)zmG7B2osF5e$BHr5Bdp^cc^B)%y{q}B@7=G2ysi12xpzg4d57;};k#Hf_ijqwu@(0&@C$ZH5Q+
""",
    "addr": """
c-nQ(F%E)25CzZ=tGJ*h#!y&#1dUcylol2gMlYa=g^7)&2^&sg<ryrkJOZ~7oLL}Q$+F4MEJNmHXA2;N3y12H;!0KUT~a3n97+GU4j^#3a$iE}
84qQB?jFEN+SW|bS7p8725fQl$vWN63&8F@e1K!~MD2Z6N9}Q~y=9k|la*V%Kvlbjy7PA&b3UcrIE~%MP)}^yUYzND*_%7#m*GuJuNMFu_A*%B
6{~OK6siJ}9m-<5-kZ*dcH)@t5*?nfdk52t$cijpND+p|=Le?7Xbu
""",
    "route": """
c-qC3u};G<5Qcx-NeK~%2zBV#p(6tlj2#$w00snm+l37zkl5(RoA3&ZOe{Q8ZGJlma-38R2@#Hxlau@Jv+vHi1TcYwpnc;ldF#wgk>Cj0*%4OG
?%@M6O%Piv5=74bB#e<ThN7qvLm;J{hrSc~%8dwp8Q<gOoVMD}vz61*I<4aS`zCFKn)VA1^h<b2JjdXgGc2DLcS~>oGwkzio~tq!oGVq#$rba4
oEWKP$ukA-rHD)G@+q43Io+xi?X(+J(;8#Ca`T$(sLd8GHKv`m&duvtt!rB@H73+P2HNz(_EWVd#+**Y;XAxx&x7?U*FVDnc8!>k?05~Cr|zsY
Gey9R?6){vkLa?FwtLs>s=m+O|AMLdGS{|0Q0c9)pXi^QjtX{uHilpZb<BLG9Ee%w_Ual&AD`d+1M}8r_O7S<ukv%iG#IdNJ1~E{Py19J(~fU`
9E-p
""",
    "rule": """
c-p1V!3lsc3<c0{MG-;0=)D7Y?9m|{#SK(&DEIPgYa$9oBNWW#r?iiT7yudy5#_L{MNvAOM`WnDr!3*95;WlZPB7LpRxlY-*ip8-XZH{51Uvn(
bKuNu&BNvaJL+FX^YipJco<y&wFGK%Ix1Fp)d@3%?!2Zx_AHwNinC6Y
""",
}

SAMPLE: dict[str, bytes] = {what: decompress(b85decode(text.replace("\n", ""))) for what, text in _PACKED.items()}
"""What was asked for -> the datagrams that answered, one after the other; little-endian."""
