/// Clients that speak HTTP/3 (RFC 9114) over QUIC (RFC 9000): Netty's codecs read and write
/// packets, frames and fields, here is what they mean. Start at [QuicDoor].
@NullMarked
package io.whygate.gateway.listener.http3;

import org.jspecify.annotations.NullMarked;
