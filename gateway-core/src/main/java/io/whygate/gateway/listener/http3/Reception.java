package io.whygate.gateway.listener.http3;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.whygate.gateway.listener.client.ListenerLoop;
import java.net.SocketAddress;

/// Says what clients meet who come in by QUIC, by the settings of this moment. Calls come from all
/// event loops.
public interface Reception {

  /// What connections on this event loop are begun with.
  ListenerLoop loop(EventLoop loop);

  QuicTls tls();

  /// Whether data is taken before a handshake is over.
  boolean takesEarlyData();

  /// Whether clients first have to show that they are where they say.
  boolean wantsProof();

  /// Whether one more connection may begin its handshake.
  boolean hasRoom();

  /// Lets a connection in, which is counted then; false where there are too many.
  boolean admit(Channel connection, SocketAddress client);
}
