package io.whygate.gateway.listener.http2;

import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.LeastRate;
import org.jspecify.annotations.Nullable;

/// Whether the client of a stream is as fast as it has to be. Confined to its event loop.
///
/// Clients send one request's content after the other's: what their connection brings is shared
/// among the streams that wait, so that it is enough to be fast enough together.
final class StreamPace {
  private final Http2Stream stream;
  private final Http2Connection connection;

  private @Nullable LeastRate body;
  private @Nullable LeastRate send;
  private boolean awaitsBody;
  private long own;
  private long arrived;
  private long credited;

  StreamPace(Http2Stream stream) {
    this.stream = stream;
    this.connection = stream.connection();
    this.arrived = connection.arrived();
  }

  /// Whether the client is free to send content, and expected to.
  void awaitsBody(boolean awaits) {
    if (awaitsBody == awaits) {
      return;
    }
    awaitsBody = awaits;
    connection.awaitsBody(awaits);
    LeastRate watched = body;
    if (watched == null) {
      watched = connection.loop().bodyRate(this::bodyRead, this::sendsTooSlowly);
      body = watched;
    }
    watched.waits(awaits);
  }

  private long bodyRead() {
    if (connection.isFull()) {
      return -1;
    }
    long total = stream.incoming().total();
    long all = connection.arrived();
    credited += Math.max(total - own, (all - arrived) / connection.awaitedBodies());
    own = total;
    arrived = all;
    return credited;
  }

  private void sendsTooSlowly() {
    stream.tooSlow(Abuse.BODY_RATE);
  }

  /// Whether the answer waits for the client to open the window of this stream.
  void awaitsWindow(boolean awaits) {
    LeastRate watched = send;
    if (watched == null) {
      if (!awaits) {
        return;
      }
      watched = connection.loop().sendRate(stream::sent, this::takesTooSlowly);
      send = watched;
    }
    watched.waits(awaits);
  }

  private void takesTooSlowly() {
    connection.floods().note(Abuse.SEND_RATE);
    connection.reset(stream, ErrorCode.CANCEL);
  }

  /// Forgets it for good.
  void close() {
    if (awaitsBody) {
      awaitsBody = false;
      connection.awaitsBody(false);
    }
    if (body != null) {
      body.close();
    }
    if (send != null) {
      send.close();
    }
  }
}
