package io.whygate.gateway.connection.pool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Dials;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Two event loops with a pool each, and users of their connections.
final class Pools implements AutoCloseable {
  final Dials dials;
  final List<EventLoop> loops = new ArrayList<>();
  final List<ConnectionPool> pools = new ArrayList<>();

  Pools() throws IOException {
    dials = new Dials(Transport.best(), 2);
    for (EventExecutor each : dials.loops) {
      EventLoop loop = (EventLoop) each;
      loops.add(loop);
      pools.add(new ConnectionPool(loop, dials.dialer, new Deadlines(loop)));
    }
  }

  /// Asks the pool of a loop for a connection.
  Wish wish(int loop, Upstream upstream) {
    return wish(loop, upstream, List.of(), false);
  }

  Wish wish(int loop, Upstream upstream, Collection<InetAddress> excluded, boolean fresh) {
    Wish wish = new Wish(loops.get(loop), upstream, excluded, fresh);
    loops.get(loop).execute(() -> pools.get(loop).acquire(wish));
    return wish;
  }

  /// Asks for a connection for a request that must not be sent twice, in the moment in which this
  /// happens and before the loop is told of anything.
  Wish wishUnrepeatable(int loop, Upstream upstream, Runnable meanwhile) {
    Wish wish = new Wish(loops.get(loop), upstream, List.of(), false);
    wish.repeatable = false;
    on(
        loop,
        () -> {
          meanwhile.run();
          pools.get(loop).acquire(wish);
          return wish;
        });
    return wish;
  }

  /// Asks for a connection, and gives up before one can have been made.
  Wish wishGivenUp(int loop, Upstream upstream) {
    Wish wish = new Wish(loops.get(loop), upstream, List.of(), false);
    on(
        loop,
        () -> {
          pools.get(loop).acquire(wish);
          wish.cancel();
          return wish;
        });
    return wish;
  }

  /// Runs on a loop and waits for it.
  <T> T on(int loop, Supplier<T> what) {
    return CompletableFuture.supplyAsync(what, loops.get(loop))
        .orTimeout(30, TimeUnit.SECONDS)
        .join();
  }

  /// A wish for a connection, and what came of it.
  static final class Wish extends Acquisition {
    private final EventLoop loop;
    private final Upstream upstream;
    private final Collection<InetAddress> excluded;
    private final boolean fresh;
    private volatile boolean repeatable = true;
    private final CompletableFuture<Object> result = new CompletableFuture<>();
    private volatile Establishment how;

    Wish(EventLoop loop, Upstream upstream, Collection<InetAddress> excluded, boolean fresh) {
      this.loop = loop;
      this.upstream = upstream;
      this.excluded = excluded;
      this.fresh = fresh;
    }

    @Override
    public Upstream upstream() {
      return upstream;
    }

    @Override
    public EndpointState endpoint() {
      return upstream.endpoints().getFirst();
    }

    @Override
    public Collection<InetAddress> excluded() {
      return excluded;
    }

    @Override
    public boolean wantsTunnel() {
      return false;
    }

    @Override
    public boolean http1Only() {
      return false;
    }

    @Override
    public boolean freshOnly() {
      return fresh;
    }

    @Override
    public boolean isRepeatable() {
      return repeatable;
    }

    @Override
    protected void acquired(UpstreamStream stream, Establishment establishment) {
      how = establishment;
      end(stream.connection());
    }

    @Override
    protected void notDialled(DialFailure failure) {
      end(failure);
    }

    @Override
    protected void nothingToDial() {
      end(Optional.empty());
    }

    @Override
    protected void rejected(ExchangeFailure.LimitReached limit) {
      end(limit.limit());
    }

    private void end(Object with) {
      if (!loop.inEventLoop() || !result.complete(with)) {
        throw new AssertionError("told twice, or on another thread: " + with);
      }
    }

    boolean isOver() {
      return result.isDone();
    }

    Object outcome() {
      return result.orTimeout(30, TimeUnit.SECONDS).join();
    }

    UpstreamConnection connection() {
      return (UpstreamConnection) outcome();
    }

    boolean isPooled() {
      connection();
      return how == Establishment.POOLED;
    }

    /// Sends a request over the connection, at once where it comes later; completes with the
    /// status, or with the failure.
    CompletableFuture<Object> get(String path) {
      CompletableFuture<Object> answer = new CompletableFuture<>();
      result.thenAccept(connection -> {
        Runnable begin = () -> begin((UpstreamConnection) connection, path, answer);
        if (loop.inEventLoop()) {
          begin.run();
        } else {
          loop.execute(begin);
        }
      });
      return answer.orTimeout(30, TimeUnit.SECONDS);
    }

    private static void begin(
        UpstreamConnection connection, String path, CompletableFuture<Object> answer) {
      UpstreamStream stream = connection.stream();
      stream.begin(new Reader(answer::complete), new Get(path));
      stream.requestEnd(null);
      stream.flush();
    }

    /// Sends a request after something else has happened, before the loop is told of it; completes
    /// with how many bytes of it the server's kernel acknowledged, once it has failed.
    CompletableFuture<Long> acknowledged(Runnable before) {
      CompletableFuture<Long> result = new CompletableFuture<>();
      UpstreamConnection connection = connection();
      loop.execute(() -> {
        long earlier = Transport.acknowledged(connection.channel());
        before.run();
        UpstreamStream stream = connection.stream();
        stream.begin(
            new Reader(
                _ -> result.complete(Transport.acknowledged(connection.channel()) - earlier)),
            new Get("/"));
        stream.requestEnd(null);
        stream.flush();
      });
      return result.orTimeout(30, TimeUnit.SECONDS);
    }

    void cancelOnLoop() {
      CompletableFuture.runAsync(this::cancel, loop).join();
    }
  }

  /// A request for a path.
  private record Get(String path) implements OutgoingRequest {
    @Override
    public boolean isHead() {
      return false;
    }

    @Override
    public boolean asksForUpgrade() {
      return false;
    }

    @Override
    public boolean takesTrailers() {
      return false;
    }

    @Override
    public Framing framing() {
      return Framing.NONE;
    }

    @Override
    public int sizeHint() {
      return 256;
    }

    @Override
    public void writeHttp1(ByteBuf out) {
      ByteBufUtil.writeAscii(out, "GET " + path + " HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    }
  }

  /// Reads an answer and forgets its content.
  private static final class Reader implements ResponseReceiver {
    private final Consumer<Object> end;
    private int status;

    Reader(Consumer<Object> end) {
      this.end = end;
    }

    @Override
    public void informational(ResponseHead head) {}

    @Override
    public void responseHead(ResponseHead head) {
      status = head.status();
    }

    @Override
    public void responseContent(ByteBuf piece) {
      piece.release();
    }

    @Override
    public void responseRead() {}

    @Override
    public void responseEnd(FieldSection trailers) {
      end.accept(status);
    }

    @Override
    public void responseFailed(AttemptFailure failure) {
      end.accept(failure);
    }

    @Override
    public void switched(ResponseHead head) {}

    @Override
    public void tunnelInputEnded() {}

    @Override
    public void readComplete() {}

    @Override
    public void writabilityChanged(boolean writable) {}
  }

  @Override
  public void close() {
    for (int i = 0; i < pools.size(); i++) {
      int loop = i;
      on(
          loop,
          () -> {
            pools.get(loop).close();
            return true;
          });
    }
    dials.close();
  }
}
