package io.whygate.gateway;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.whygate.gateway.connection.dial.Dialer;
import io.whygate.gateway.connection.pool.ConnectionPool;
import io.whygate.gateway.exchange.LoopServices;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.transport.SpliceCounts;
import io.whygate.gateway.transport.Splices;
import io.whygate.gateway.transport.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads that serve requests, and what each works with.
final class EventLoops implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);

  private final MultiThreadIoEventLoopGroup group;
  private final List<EventLoop> loops = new ArrayList<>();
  private final Map<EventLoop, LoopServices> services = new LinkedHashMap<>();
  private final SpliceCounts splices = new SpliceCounts();

  /// Makes what an event loop works with.
  interface Furnisher {
    LoopServices furnish(int index, ConnectionPool pool, Deadlines deadlines);
  }

  /// @param count how many; 0 means one per core
  /// @param splicePipes of each, at most
  EventLoops(int count, Transport transport, int splicePipes) {
    int threads = count > 0 ? count : Runtime.getRuntime().availableProcessors();
    group = new MultiThreadIoEventLoopGroup(threads, transport.ioHandlers());
    for (EventExecutor each : group) {
      loops.add((EventLoop) each);
      each.execute(() -> Splices.current().most(splicePipes, splices));
    }
  }

  /// What went on within the kernel.
  SpliceCounts splices() {
    return splices;
  }

  int count() {
    return loops.size();
  }

  List<EventLoop> all() {
    return List.copyOf(loops);
  }

  void furnish(Dialer dialer, Furnisher furnisher) {
    for (int i = 0; i < loops.size(); i++) {
      EventLoop loop = loops.get(i);
      Deadlines deadlines = new Deadlines(loop);
      services.put(
          loop, furnisher.furnish(i, new ConnectionPool(loop, dialer, deadlines), deadlines));
    }
  }

  LoopServices servicesOf(EventLoop loop) {
    LoopServices found = services.get(loop);
    if (found == null) {
      throw new IllegalStateException(
          "event loop: not furnished (expected: furnished at the start)");
    }
    return found;
  }

  Map<EventLoop, LoopServices> services() {
    return services;
  }

  /// Returns once what the loops are doing at this moment is done, or after two seconds.
  void awaitPresentTasks() {
    CountDownLatch passed = new CountDownLatch(loops.size());
    loops.forEach(loop -> loop.execute(passed::countDown));
    try {
      if (!passed.await(2, TimeUnit.SECONDS)) {
        LOG.warn("an event loop has been busy for more than two seconds");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    services.forEach((loop, each) -> loop.execute(each.pool()::close));
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
