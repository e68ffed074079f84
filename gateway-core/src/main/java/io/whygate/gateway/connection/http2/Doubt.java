package io.whygate.gateway.connection.http2;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.dial.FailureClassifier;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http2.Frames;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What speaks against an open connection: its server did not answer in time, and is asked whether
/// it is there at all; or it takes no more, and is listened to for its last words. Nothing else is
/// sent over it meanwhile. Confined to its event loop.
final class Doubt {
  private static final long LAST_WORDS_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long ARE_YOU_THERE = 0x5768796761746521L;

  private final Outbound outbound;
  private final ConnectionSetup setup;
  private final Deadlines.Deadline deadline;

  private @Nullable Throwable refusal;
  private boolean asked;
  private boolean lapsed;
  private boolean heard = true;
  private long silentNanos;

  /// @param confirmed called where the server did not dispel it in time
  Doubt(Outbound outbound, ConnectionSetup setup, Runnable confirmed) {
    this.outbound = outbound;
    this.setup = setup;
    this.deadline = setup.deadlines().add(confirmed);
  }

  /// Whether there is any.
  boolean isAny() {
    return asked || refusal != null;
  }

  /// An answer did not come in time.
  void ask() {
    if (!asked) {
      asked = true;
      Frames.ping(outbound.out(), false, ARE_YOU_THERE);
      outbound.wrote();
      deadline.in(setup.verifyTimeout().toNanos());
    }
  }

  /// A request was given up for a deadline of its client's. That one was not answered says nothing
  /// of the server; that nothing at all came for as long as an answer may take makes it doubtful.
  /// It is not asked sooner: servers of gRPC take many PINGs for an attack.
  ///
  /// @param mayAsk whether the connection still goes on
  void lapsed(boolean mayAsk) {
    long now = System.nanoTime();
    if (heard) {
      heard = false;
      silentNanos = now;
    } else if (now - silentNanos >= setup.responseTimeout().toNanos() && !asked) {
      lapsed = true;
      if (mayAsk) {
        ask();
      }
    }
  }

  /// Whether it is by requests alone that were given up for their clients' deadlines.
  boolean isOfLapsed() {
    return lapsed && refusal == null;
  }

  /// Something came from the server.
  void heard() {
    heard = true;
  }

  /// The server answered a PING; whether it was in doubt.
  boolean dispelled() {
    boolean was = asked;
    if (was) {
      asked = false;
      lapsed = false;
      deadline.clear();
    }
    return was;
  }

  /// The server takes no more.
  void refused(Throwable cause) {
    refusal = cause;
    deadline.in(LAST_WORDS_NANOS);
  }

  /// How an exchange fails where the server sends no more.
  ///
  /// @param otherwise where it took all that it was sent
  AttemptFailure failure(Phase in, AttemptFailure otherwise) {
    Throwable cause = refusal;
    return cause == null ? otherwise : FailureClassifier.lost(cause, in);
  }

  void close() {
    deadline.close();
  }
}
