package io.whygate.gateway.connection.pool;

import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// An attempt's wish for a connection, and who hears of it. Confined to the event loop of its pool;
/// one of the protected methods is called, once, unless it is cancelled before.
public abstract class Acquisition {
  @Nullable Waiting waiting;

  /// What the connection that it was given had acknowledged before; negative where nobody looked.
  long acknowledged = -1;

  private boolean cancelled;

  /// The upstream, as it was configured when the exchange began.
  public abstract Upstream upstream();

  /// The endpoint to which a connection is wanted.
  public abstract EndpointState endpoint();

  /// Addresses that will not do.
  public abstract Collection<InetAddress> excluded();

  /// Whether a connection that was used before will not do.
  public abstract boolean freshOnly();

  /// Whether it would do no harm to send the request twice: where it would, a connection is looked
  /// at before it is used again.
  public boolean isRepeatable() {
    return true;
  }

  /// How many bytes the other side's kernel had acknowledged of the connection before this request,
  /// where that was asked as it was looked at; else negative.
  protected final long acknowledged() {
    return acknowledged;
  }

  /// Whether the exchange is to carry another protocol, such as WebSocket.
  public abstract boolean wantsTunnel();

  /// Whether a connection that speaks anything but HTTP/1.1 will not do.
  public abstract boolean http1Only();

  /// The client's connection that it is for, where the upstream is told of that; null for the
  /// gateway's own.
  public @Nullable ClientConnection client() {
    return null;
  }

  /// By what the logs of servers name the request; empty for none.
  public String requestId() {
    return "";
  }

  /// Here is the way over a connection; it is the attempt's until its exchange is over.
  protected abstract void acquired(UpstreamStream stream, Establishment how);

  /// None could be made.
  protected abstract void notDialled(DialFailure failure);

  /// Every address of the endpoint is excluded: nothing was tried.
  protected abstract void nothingToDial();

  /// The pool's limits do not allow it.
  protected abstract void rejected(ExchangeFailure.LimitReached limit);

  /// Takes the wish back. A connection that is being made goes to the pool.
  public final void cancel() {
    cancelled = true;
    Waiting current = waiting;
    if (current != null) {
      current.giveUp();
    }
  }

  final boolean isCancelled() {
    return cancelled;
  }
}
