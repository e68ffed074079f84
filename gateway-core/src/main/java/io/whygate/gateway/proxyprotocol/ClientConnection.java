package io.whygate.gateway.proxyprotocol;

import io.netty.channel.Channel;

/// A client's connection, of which those to servers speak that are made for it.
///
/// @param ends from where to where it goes
public record ClientConnection(Ends ends, Channel channel) {
  public boolean isOpen() {
    return channel.isOpen();
  }
}
