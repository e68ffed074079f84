package io.whygate.gateway.listener;

import io.netty.channel.Channel;
import io.whygate.gateway.listener.client.LeastRate;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.transport.Transport;
import org.jspecify.annotations.Nullable;

/// Whether the client of an HTTP/1 connection is as fast as it has to be. What watches it is made
/// where the gateway waits for the first time. Confined to its event loop.
final class Http1Pace {
  private final ListenerLoop loop;
  private final Channel channel;
  private final Slowness slowness;
  private final LeastRate.Progress bodyRead;

  private @Nullable LeastRate body;
  private @Nullable LeastRate send;

  /// What becomes of a client that is too slow.
  interface Slowness {
    void sendsTooSlowly();

    void takesTooSlowly();
  }

  /// @param bodyRead content of the present request that was read, bytes
  Http1Pace(ListenerLoop loop, Channel channel, LeastRate.Progress bodyRead, Slowness slowness) {
    this.loop = loop;
    this.channel = channel;
    this.bodyRead = bodyRead;
    this.slowness = slowness;
  }

  /// The next request has content.
  void bodyBegins() {
    if (body != null) {
      body.begin();
    }
  }

  /// Whether the client is free to send content, and expected to.
  void awaitsBody(boolean awaits) {
    LeastRate watched = body;
    if (watched == null) {
      if (!awaits) {
        return;
      }
      watched = loop.bodyRate(bodyRead, slowness::sendsTooSlowly);
      body = watched;
    }
    watched.waits(awaits);
  }

  /// Whether an answer waits for the client to take more of it.
  void awaitsTaking(boolean awaits) {
    LeastRate watched = send;
    if (watched == null) {
      if (!awaits) {
        return;
      }
      watched = loop.sendRate(() -> Transport.acknowledged(channel), slowness::takesTooSlowly);
      send = watched;
    }
    watched.waits(awaits);
  }

  /// Forgets it for good.
  void close() {
    if (body != null) {
      body.close();
    }
    if (send != null) {
      send.close();
    }
  }
}
