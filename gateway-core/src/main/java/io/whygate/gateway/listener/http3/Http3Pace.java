package io.whygate.gateway.listener.http3;

import io.whygate.gateway.listener.client.LeastRate;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Whether the client of a stream is as fast as it has to be, each way. Confined to its event loop.
///
/// Clients see to one request after the other: what their connection moves is shared among the
/// streams that wait, so that it is enough to be fast enough together.
final class Http3Pace {
  private final Http3Stream stream;
  private final Http3Connection connection;
  private @Nullable Side body;
  private @Nullable Side answer;

  /// What all streams of a connection moved one way, and how many of them wait for the client.
  static final class Traffic {
    private long bytes;
    private int waiting;

    void moved(int more) {
      bytes += more;
    }
  }

  /// One way of a stream.
  private static final class Side implements LeastRate.Progress {
    private final Traffic all;
    private final LongSupplier own;
    private final BooleanSupplier held;
    private @Nullable LeastRate rate;
    private boolean waits;
    private long ownSeen;
    private long allSeen;
    private long credited;

    /// @param own bytes that the stream moved
    /// @param held whether the client may be kept from moving any
    Side(Traffic all, LongSupplier own, BooleanSupplier held) {
      this.all = all;
      this.own = own;
      this.held = held;
      this.allSeen = all.bytes;
    }

    void waits(boolean now) {
      if (now != waits) {
        waits = now;
        all.waiting += now ? 1 : -1;
        if (rate != null) {
          rate.waits(now);
        }
      }
    }

    @Override
    public long bytes() {
      long moved = own.getAsLong();
      credited += Math.max(moved - ownSeen, (all.bytes - allSeen) / Math.max(1, all.waiting));
      ownSeen = moved;
      allSeen = all.bytes;
      return credited;
    }

    /// Where anything moved, the client could send.
    @Override
    public boolean isHeldUp() {
      return own.getAsLong() == ownSeen && all.bytes == allSeen && held.getAsBoolean();
    }

    void close() {
      waits(false);
      if (rate != null) {
        rate.close();
      }
    }
  }

  Http3Pace(Http3Stream stream, Http3Connection connection) {
    this.stream = stream;
    this.connection = connection;
  }

  /// Whether the client is free to send content, and expected to.
  void awaitsBody(boolean awaits) {
    Side side = body;
    if (side == null) {
      if (!awaits) {
        return;
      }
      side = new Side(connection.bodies(), stream::received, connection::isHeldUp);
      side.rate = connection.loop().bodyRate(side, stream::sendsTooSlowly);
      body = side;
    }
    side.waits(awaits);
  }

  /// Whether an answer waits for the client to take more of it.
  void awaitsTaking(boolean awaits) {
    Side side = answer;
    if (side == null) {
      if (!awaits) {
        return;
      }
      side = new Side(connection.answers(), stream.output()::sent, () -> false);
      side.rate = connection.loop().sendRate(side, stream::takesTooSlowly);
      answer = side;
    }
    side.waits(awaits);
  }

  /// Forgets it for good.
  void close() {
    if (body != null) {
      body.close();
    }
    if (answer != null) {
      answer.close();
    }
  }
}
